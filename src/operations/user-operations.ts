import type { Role, SessionView, User } from '../core/user.ts';
import type { Operation } from './operation.ts';

/** What somebody signs in with: a key that manages, or a user's password. */
export type SignIn = { readonly token: string } | { readonly user: string; readonly password: string };

/** What a browser is told about its session. */
export interface SessionState {
  /** Null: not signed in. */
  readonly session: SessionView | null;
  /** What the cookie is to hold; absent: what it holds. */
  readonly token?: string;
  readonly development: boolean;
  /** The cookie must not travel without TLS. */
  readonly isSecure: boolean;
}

/** A user without the password's hash. */
export type PublicUser = Omit<User, 'passwordHash' | 'sessionsSince'>;

/** What an administrator may set of a user; absent fields keep their value. */
export interface UserSettings {
  readonly role?: Role;
  readonly isEnabled?: boolean;
  readonly password?: string;
}

/** The people at the dashboard. */
export interface UserOperations {
  session: Operation<{ token?: string }, SessionState, 'anyone'>;
  beginSession: Operation<SignIn, SessionState, 'anyone'>;
  endSession: Operation<{ token: string; csrf?: string }, { isSecure: boolean }, 'anyone'>;

  users: Operation<Record<string, never>, readonly PublicUser[], 'manage'>;
  addUser: Operation<{ name: string; role: Role; password: string }, PublicUser, 'manage'>;
  changeUser: Operation<{ id: number; settings: UserSettings }, PublicUser, 'manage'>;
  removeUser: Operation<{ id: number }, undefined, 'manage'>;
  /** Ends all sessions of a user. */
  signOutUser: Operation<{ id: number }, undefined, 'manage'>;
}
