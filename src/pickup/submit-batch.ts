import { basename } from 'node:path';
import type { Principal } from '../core/account.ts';
import type { Logger } from '../process/log.ts';
import { claimFile, type FileClaim, readClaim, syncClaims } from './claim-file.ts';
import type { Patience } from './settle-delay.ts';
import { type TakeInContext, type Taken, takeIn } from './submit-file.ts';

export interface BatchContext extends TakeInContext {
  /** Whose mail it is; undefined while the account is missing or disabled. */
  readonly principal: () => Promise<Principal | undefined>;
  /** For claims: letters and digits, never the same twice. */
  readonly newName: () => string;
  readonly patience: Patience;
  readonly log: Logger;
}

const NO_ACCOUNT_WAIT_MS = 30_000;

/** Takes in some files at once; resolves with how long (ms) nothing more can be taken in, if so. */
export async function takeBatch(
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
    claims.filter(one => one !== undefined).map(one => takeOne(context, principal, one)),
  );
  const waits = results.filter(result => result?.kind === 'waits');
  if (waits.length === 0) return undefined;
  const waitMs = Math.max(...waits.map(one => one.waitMs));
  log.warn({ directory, reason: waits[0]?.reason, waitMs }, 'pickup files wait');
  return waitMs;
}

/** What was claimed before, by us or by the process before us, stays so. */
function claimOne(context: BatchContext, found: string): Promise<FileClaim | undefined> {
  const { directory, newName } = context;
  return orTrouble(context, found, async () => {
    return readClaim(directory, found) ?? (await claimFile(directory, found, newName()));
  });
}

async function takeOne(
  context: BatchContext,
  principal: Principal,
  claimed: FileClaim,
): Promise<Taken | undefined> {
  const taken = await orTrouble(context, claimed.path, () => takeIn(context, principal, claimed));
  if (taken?.kind === 'rejected')
    context.log.warn({ file: claimed.name, ...taken }, 'a pickup file was rejected');
  return taken;
}

/** An error that nobody expected, about one file, must not keep the others waiting. */
async function orTrouble<T>(
  { patience, log, directory }: BatchContext,
  file: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    patience.trouble(basename(file));
    log.error({ err: error, file, directory }, 'a pickup file could not be taken in');
    return undefined;
  }
}
