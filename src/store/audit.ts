import type { Json } from '../core/event.ts';

/** Who changes something, and when. */
export interface Author {
  /** As the audit log names them: `user ada`, `key 3`, `operator`. */
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
}

/** What was done by hand. */
export interface AuditNote extends Author {
  readonly action: 'added' | 'changed' | 'removed' | 'retried' | 'cancelled' | 'resent' | 'tested';
  readonly kind: 'provider' | 'account' | 'key' | 'user' | 'tempMail' | 'messages' | 'secrets';
  /** Id of the record; null: it is about no single one. */
  readonly subject: number | null;
  /** What people call it; '' where it has no name. */
  readonly name: string;
  /** Before and after, by field; of what is secret only that it changed. */
  readonly changes: Readonly<Record<string, readonly [Json, Json]>>;
}

export interface AuditEntry extends AuditNote {
  /** Decimal digits; later entries have greater ones. */
  readonly id: string;
}

/** What was done by hand, kept for good. Changes of the registry are noted by it, in their own transaction. */
export interface Audit {
  note(note: AuditNote): Promise<void>;
  /** Newest first; `cursor` is `next` of the page before. */
  list(request: {
    kind?: string;
    cursor?: string;
    limit: number;
  }): Promise<{ readonly items: readonly AuditEntry[]; readonly next?: string }>;
}
