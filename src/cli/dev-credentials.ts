import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomAlphanumeric } from '../auth/key-text.ts';
import { readIfThere, readOrMake, writePrivate } from '../process/private-file.ts';
import { DEFAULT_ACCOUNT } from '../services/providers/provision-providers.ts';
import { CommandFailure } from './command-failure.ts';
import { clientOf } from './gate-client.ts';
import type { OpenGate } from './open-gate.ts';

/** The generated credentials of a development gate. */
export interface DevelopmentCredentials {
  readonly account: { readonly authuser: string; readonly authpass: string; readonly key: string };
  readonly adminToken: string;
  readonly tempMail: {
    readonly domains: readonly string[];
    readonly jwtSecret: string;
    readonly adminPassword: string;
  };
}

export type TempMailCredentials = DevelopmentCredentials['tempMail'];

const KEY_FILE = 'development-key';
const TEMP_MAIL_FILE = 'development-temp-mail.json';
const SECRET_LENGTH = 32;
const DOMAINS = ['temp-mail.test'];

/** Returns the credentials of temp-mail. Creates them once, in a file of the data folder that only its owner can read. */
export function tempMailCredentials(dataFolder: string): TempMailCredentials {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const make = () => JSON.stringify({ domains: DOMAINS, jwtSecret: newSecret(), adminPassword: newSecret() });
  // Only this function writes the file.
  return JSON.parse(readOrMake(join(dataFolder, TEMP_MAIL_FILE), make)) as TempMailCredentials;
}

/** Returns all credentials of the data folder. It creates the key at the first start, and again if it no longer works. */
export async function developmentCredentials(
  open: OpenGate,
  tempMail: TempMailCredentials,
): Promise<DevelopmentCredentials> {
  const path = join(open.folder.path, KEY_FILE);
  let key = readIfThere(path);
  if (key === undefined || !(await isValid(open, key))) {
    key = await createKey(open);
    writePrivate(path, key);
  }
  return {
    account: { authuser: DEFAULT_ACCOUNT, authpass: key, key },
    adminToken: open.folder.operatorToken,
    tempMail,
  };
}

/** Returns false if the key was revoked, or if the gate uses another store now. */
async function isValid({ gate }: OpenGate, key: string): Promise<boolean> {
  try {
    await clientOf(gate, key).ask({ method: 'GET', path: '/v1/messages?limit=1' });
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}

async function createKey({ gate, folder }: OpenGate): Promise<string> {
  const body = { account: DEFAULT_ACCOUNT, name: 'development', scopes: ['send', 'read'] };
  const { secret } = await clientOf(gate, folder.operatorToken).ask<{ secret: string }>({
    method: 'POST',
    path: '/v1/keys',
    body,
  });
  return secret;
}

function newSecret(): string {
  return randomAlphanumeric(SECRET_LENGTH, randomBytes);
}
