import { basename } from 'node:path';
import type { Principal } from '../core/account.ts';
import type { Logger } from '../process/log.ts';
import { claimFile, type FileClaim, readClaim, syncClaims } from './claim-file.ts';
import type { SettleDelay } from './settle-delay.ts';
import { type FileResult, type SubmitFileContext, submitFile } from './submit-file.ts';

export interface BatchContext extends SubmitFileContext {
  /** Returns the principal of the mail; undefined while its account is missing or disabled. */
  readonly principal: () => Promise<Principal | undefined>;
  /** Returns unique letters and digits, for claims. */
  readonly newName: () => string;
  readonly settleDelay: SettleDelay;
  readonly log: Logger;
}

const NO_ACCOUNT_WAIT_MS = 30_000;

/** Submits some files together. Returns how long (ms) no mail can be accepted; undefined if it can. */
export async function submitBatch(
  context: BatchContext,
  files: readonly { readonly name: string }[],
): Promise<number | undefined> {
  const { directory, log } = context;
  const principal = await context.principal();
  if (principal === undefined) {
    log.warn({ directory }, 'pickup files wait: their account is missing or disabled');
    return NO_ACCOUNT_WAIT_MS;
  }
  const claims = await Promise.all(files.map(({ name }) => claimOne(context, name)));
  await syncClaims(directory);
  const results = await Promise.all(
    claims.filter(one => one !== undefined).map(one => submitOne(context, principal, one)),
  );
  const waits = results.filter(result => result?.kind === 'postponed');
  if (waits.length === 0) return undefined;
  const waitMs = Math.max(...waits.map(one => one.waitMs));
  log.warn({ directory, reason: waits[0]?.reason, waitMs }, 'pickup files wait: mail is not accepted now');
  return waitMs;
}

/** Claims a file, unless an earlier process claimed it. */
function claimOne(context: BatchContext, found: string): Promise<FileClaim | undefined> {
  const { directory, newName } = context;
  return orPostpone(context, found, async () => {
    return readClaim(directory, found) ?? (await claimFile(directory, found, newName()));
  });
}

async function submitOne(
  context: BatchContext,
  principal: Principal,
  claimed: FileClaim,
): Promise<FileResult | undefined> {
  const result = await orPostpone(context, claimed.path, () => submitFile(context, principal, claimed));
  if (result?.kind === 'rejected')
    context.log.warn({ file: claimed.name, ...result }, 'a pickup file was rejected');
  return result;
}

/** An unexpected error about one file postpones that file only. */
async function orPostpone<T>(
  { settleDelay, log, directory }: BatchContext,
  file: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    settleDelay.postpone(basename(file));
    log.error({ err: error, file, directory }, 'a pickup file could not be submitted');
    return undefined;
  }
}
