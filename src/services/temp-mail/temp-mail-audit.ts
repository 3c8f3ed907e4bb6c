import { authorOf, type Principal } from '../../core/account.ts';
import type { TempMailAdmin } from '../../operations/operation.ts';
import type { Audit, AuditNote } from '../../store/audit.ts';

/** Notes what somebody did to addresses by hand. */
export type NoteByHand = (
  who: TempMailAdmin | Principal,
  what: Pick<AuditNote, 'action' | 'name' | 'changes'>,
) => Promise<void>;

/** Notes it in the audit log; of its administrators temp-mail knows only the password. */
export function createTrail(audit: Pick<Audit, 'note'>, now: () => number): NoteByHand {
  return (who, what) =>
    audit.note({ by: authorIn(who), at: now(), kind: 'tempMail', subject: null, ...what });
}

/** Who does something to temp-mail, as the audit log names them. */
export function authorIn(who: TempMailAdmin | Principal): string {
  return 'by' in who ? authorOf(who) : 'temp-mail administrator';
}
