import { rm } from 'node:fs/promises';
import type { Principal } from '../core/account.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import type { Submission } from '../core/submission.ts';
import { mailDate } from '../mime/date.ts';
import type { Submit } from '../submit/submit.ts';
import { type FileClaim, readClaimed } from './claim-file.ts';
import { type PickupFile, parsePickupFile } from './pickup-file.ts';
import { reject } from './reject-file.ts';

export interface SubmitFileContext {
  /** Absolute path of the watched directory. */
  readonly directory: string;
  readonly submit: Submit['submit'];
  /** Maximum size of a file. */
  readonly maxBytes: number;
  /** Name of this machine, for the Received field. */
  readonly hostName: string;
  readonly now: () => number;
}

/** The result of a claimed file. */
export type FileResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly to: string }
  /** The file stays. No file can be accepted during the next `waitMs`. */
  | { readonly kind: 'postponed'; readonly reason: string; readonly waitMs: number };

const DEFAULT_WAIT_MS = 30_000;
/** Errors that are about the state of the gate, not about the file. */
const TEMPORARY: readonly ErrorCode[] = ['unavailable', 'rate_limited', 'account_inactive'];

/** Reads and submits a claimed file. Removes it after the message is on disk. */
export async function submitFile(
  context: SubmitFileContext,
  principal: Principal,
  claimed: FileClaim,
): Promise<FileResult> {
  const file = await readClaimed(claimed.path, context.maxBytes);
  if ('reason' in file) return rejectFile(context, claimed, file.reason);
  const parsed = parsePickupFile(file.bytes);
  if (!parsed.ok) return rejectFile(context, claimed, parsed.reason);
  try {
    await context.submit(principal, submissionOf(context, parsed.value, claimed));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'internal') throw error;
    if (!TEMPORARY.includes(error.code)) return rejectFile(context, claimed, error.message);
    const { retryAfterSeconds } = error.details;
    const waitMs = retryAfterSeconds === undefined ? DEFAULT_WAIT_MS : retryAfterSeconds * 1_000;
    return { kind: 'postponed', reason: error.message, waitMs };
  }
  await rm(claimed.path, { force: true });
  return { kind: 'accepted' };
}

function submissionOf(
  { hostName, now }: SubmitFileContext,
  { envelope, mime, ignored }: PickupFile,
  { key }: FileClaim,
): Submission {
  // RFC 5321 4.4, without a From-domain: there was no connection. The field ends a loop of pickup directories.
  const received = `by ${hostName} (Postern) with pickup; ${mailDate(now())}`;
  return {
    dialect: 'pickup',
    envelope,
    body: { kind: 'raw', mime, trace: [{ name: 'Received', value: received }] },
    // After a crash between the commit and the removal, the file is found again. The key prevents a second message.
    idempotencyKey: `pickup-${key}`,
    ...(ignored.length > 0 && { notes: { ignoredOrders: ignored } }),
  };
}

async function rejectFile(
  { directory }: SubmitFileContext,
  claimed: FileClaim,
  reason: string,
): Promise<FileResult> {
  return { kind: 'rejected', reason, to: await reject(directory, claimed, reason) };
}
