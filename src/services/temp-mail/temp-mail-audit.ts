import { authorOf, type Principal } from '../../core/account.ts';
import type { TempMailAdmin } from '../../operations/operation.ts';
import type { Audit, AuditNote } from '../../store/audit.ts';

/** Stores an audit entry about temp-mail addresses. */
export type AuditTempMail = (
  caller: TempMailAdmin | Principal,
  entry: Pick<AuditNote, 'action' | 'name' | 'changes'>,
) => Promise<void>;

/** The API knows its administrators only by a shared password, so the audit log shows no name for them. */
export function createTempMailAudit(audit: Pick<Audit, 'note'>, now: () => number): AuditTempMail {
  return (caller, entry) =>
    audit.note({ by: tempMailAuthor(caller), at: now(), kind: 'tempMail', subject: null, ...entry });
}

/** The author for the audit log. */
export function tempMailAuthor(caller: TempMailAdmin | Principal): string {
  return 'by' in caller ? authorOf(caller) : 'temp-mail administrator';
}
