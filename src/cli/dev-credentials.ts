import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { randomLetters } from '../accounts/key-text.ts';
import { DEFAULT_ACCOUNT } from '../admin/provision.ts';
import { readIfThere, writePrivate } from '../private-file.ts';
import { CommandFailure } from './failure.ts';
import { clientOf } from './gate-client.ts';
import type { OpenGate } from './open-gate.ts';

/** The throw-away credentials of a development gate. */
export interface DevelopmentCredentials {
  readonly account: { readonly authuser: string; readonly authpass: string; readonly key: string };
  readonly adminToken: string;
  readonly tempMail: {
    readonly domains: readonly string[];
    readonly jwtSecret: string;
    readonly adminPassword: string;
  };
}

type Kept = Pick<DevelopmentCredentials, 'tempMail'> & { readonly key: string };

const FILE = 'development-credentials.json';
const SECRET_LENGTH = 32;
const DOMAINS = ['temp-mail.test'];

/** Those of the data folder: made once, and kept there in a file that only its owner reads. */
export async function developmentCredentials(open: OpenGate): Promise<DevelopmentCredentials> {
  const path = join(open.folder.path, FILE);
  const text = readIfThere(path);
  // Written whole by this function, and by nobody else.
  let kept = text === undefined ? undefined : (JSON.parse(text) as Kept);
  if (kept === undefined || !(await works(open, kept.key))) {
    kept = { key: await makeKey(open), tempMail: kept?.tempMail ?? newTempMail() };
    writePrivate(path, JSON.stringify(kept, null, 2));
  }
  const { key, tempMail } = kept;
  return {
    account: { authuser: DEFAULT_ACCOUNT, authpass: key, key },
    adminToken: open.folder.operatorToken,
    tempMail,
  };
}

/** Not so when it was revoked, or when the gate was started with another store. */
async function works({ gate }: OpenGate, key: string): Promise<boolean> {
  try {
    await clientOf(gate, key).ask({ method: 'GET', path: '/v1/messages?limit=1' });
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}

async function makeKey({ gate, folder }: OpenGate): Promise<string> {
  const body = { account: DEFAULT_ACCOUNT, name: 'development', scopes: ['send', 'read'] };
  const { secret } = await clientOf(gate, folder.operatorToken).ask<{ secret: string }>({
    method: 'POST',
    path: '/v1/keys',
    body,
  });
  return secret;
}

function newTempMail(): Kept['tempMail'] {
  const newSecret = () => randomLetters(SECRET_LENGTH, randomBytes);
  return { domains: DOMAINS, jwtSecret: newSecret(), adminPassword: newSecret() };
}
