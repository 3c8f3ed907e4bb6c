import { rm } from 'node:fs/promises';
import type { Principal } from '../core/account.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import type { Submission } from '../core/submission.ts';
import { mailDate } from '../mime/date.ts';
import type { Submit } from '../submit/submit.ts';
import { type FileClaim, readClaimed } from './claim-file.ts';
import { type PickupFile, parsePickupFile } from './pickup-file.ts';
import { reject } from './reject-file.ts';

export interface TakeInContext {
  /** Absolute path of the watched directory. */
  readonly directory: string;
  readonly submit: Submit['submit'];
  /** Largest file that is read. */
  readonly maxBytes: number;
  /** Name of this machine, for the Received field. */
  readonly hostName: string;
  readonly now: () => number;
}

/** What became of a claimed file. */
export type Taken =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly reason: string; readonly to: string }
  /** It stays, and so do all others for now: nothing can be taken in before so many ms. */
  | { readonly kind: 'waits'; readonly reason: string; readonly waitMs: number };

const USUAL_WAIT_MS = 30_000;
/** The gate's state, not the file, is why these are refused. */
const PASSING: readonly ErrorCode[] = ['unavailable', 'rate_limited', 'account_inactive'];

/** Takes in a claimed file: read, submit; removed only once the message is durable. */
export async function takeIn(
  context: TakeInContext,
  principal: Principal,
  claimed: FileClaim,
): Promise<Taken> {
  const file = await readClaimed(claimed.path, context.maxBytes);
  if ('reason' in file) return refuse(context, claimed, file.reason);
  const parsed = parsePickupFile(file.bytes);
  if (!parsed.ok) return refuse(context, claimed, parsed.reason);
  try {
    await context.submit(principal, submissionOf(context, parsed.value, claimed));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'internal') throw error;
    if (!PASSING.includes(error.code)) return refuse(context, claimed, error.message);
    const { retryAfterSeconds } = error.details;
    const waitMs = retryAfterSeconds === undefined ? USUAL_WAIT_MS : retryAfterSeconds * 1_000;
    return { kind: 'waits', reason: error.message, waitMs };
  }
  await rm(claimed.path, { force: true });
  return { kind: 'accepted' };
}

function submissionOf(
  { hostName, now }: TakeInContext,
  { envelope, mime, ignored }: PickupFile,
  { key }: FileClaim,
): Submission {
  // RFC 5321 4.4, without a From-domain: nobody connected. It is what ends a circle of pickup directories.
  const received = `by ${hostName} (Postern) with pickup; ${mailDate(now())}`;
  return {
    dialect: 'pickup',
    envelope,
    body: { kind: 'raw', mime, trace: [{ name: 'Received', value: received }] },
    // A file that is found again after a crash between durable and removed is not a second message.
    idempotencyKey: `pickup-${key}`,
    ...(ignored.length > 0 && { notes: { ignoredOrders: ignored } }),
  };
}

async function refuse({ directory }: TakeInContext, claimed: FileClaim, reason: string): Promise<Taken> {
  return { kind: 'rejected', reason, to: await reject(directory, claimed, reason) };
}
