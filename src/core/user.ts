import type { Scope } from './account.ts';

/** What a person at the dashboard may do: everything; act on mail and providers; look. */
export type Role = 'admin' | 'operator' | 'viewer';

export const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  admin: ['send', 'read', 'manage'],
  operator: ['send', 'read', 'operate'],
  viewer: ['read', 'oversee'],
};

/** A person who signs in to the dashboard. */
export interface User {
  readonly id: number;
  /** Unique. */
  readonly name: string;
  readonly role: Role;
  readonly isEnabled: boolean;
  /** A slow salted hash. */
  readonly passwordHash: string;
  /** Epoch ms: sessions begun earlier have ended, because the password was changed or the user disabled. */
  readonly sessionsSince: number;
  /** Epoch ms; `updatedAt` null until the first change. */
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

/** Who began a session: a user, who held a key that manages, or the first to look in development mode. */
export type SessionHolder =
  | { readonly kind: 'user'; readonly id: number }
  /** `hash` is the key's: another key of that number holds nothing. */
  | { readonly kind: 'key'; readonly id: number; readonly hash: string }
  | { readonly kind: 'development' };

/** Somebody signed in to the dashboard. */
export interface UserSession {
  readonly id: number;
  /** SHA-256 of the token in the cookie, lower-case hex. */
  readonly hash: string;
  readonly holder: SessionHolder;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A session as who holds it may see it. */
export interface SessionView {
  /** The user's name, or what stands for one. */
  readonly name: string;
  readonly kind: SessionHolder['kind'];
  readonly role: Role;
  /** What every request that changes something must repeat in a header, so that no other site can make it. */
  readonly csrf: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The credential of a session in a request. */
export interface PresentedSession {
  /** From the cookie. */
  readonly token: string;
  /** From the header; absent when there was none. */
  readonly csrf?: string;
  /** The request changes nothing, and needs no `csrf`. */
  readonly isReading: boolean;
}
