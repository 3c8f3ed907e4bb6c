import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Transmission } from '../../core/outcome.ts';
import { removeFields } from '../../mime/raw-message.ts';
import { errorText } from '../../net/error-text.ts';
import type { CheckReport, Parcel, Transport } from '../transport.ts';
import { createLocalTransport } from './local-transport.ts';

export interface PickupTransportOptions {
  /** Absolute path of the directory that PowerMTA watches. */
  readonly directory: string;
  /** Makes a file name without extension: 16 lower-case hexadecimal digits. */
  readonly newName?: () => string;
}

/** Each delivery waits for the disk in one of the few threads of Node's pool. */
const CAPACITY = 8;

const MODE = 0o644;

/** Header fields that PowerMTA obeys. Those of the sender are removed. */
const COMMAND_FIELD = /^x-(?:sender|receiver|envid|virtual-mta|job|dsn.*)$/i;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a directory',
  EACCES: 'permission denied',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
};

/**
 * Delivers into a pickup directory of PowerMTA: one file for each message, complete before it is visible. The rename stands
 * for the dot.
 */
export function createPickupTransport({
  directory,
  newName = randomName,
}: PickupTransportOptions): Transport {
  return createLocalTransport({
    capacity: CAPACITY,
    deliver: (parcel, dot) => deliver(directory, newName(), parcel, dot),
    check: () => check(directory, newName()),
  });
}

async function deliver(
  directory: string,
  name: string,
  parcel: Parcel,
  dot: () => Promise<void>,
): Promise<Transmission> {
  const draft = join(directory, `.${name}`);
  const failure = await writeDraft(directory, draft, fileOf(parcel));
  if (failure !== undefined) return { ...failure, recipients: [], remote: directory };
  try {
    await dot();
  } catch (held) {
    await unlink(draft).catch(() => {});
    throw held;
  }
  return publish(directory, draft, `${name}.eml`);
}

/** The envelope as command fields of PowerMTA, then the message. */
function fileOf({ envelope, mime }: Parcel): Buffer {
  const fields = [
    commandField('x-sender', envelope.sender === '' ? '<>' : envelope.sender),
    ...envelope.recipients.map(recipient => commandField('x-receiver', recipient)),
  ];
  return Buffer.concat([Buffer.from(fields.join('')), removeFields(mime, name => COMMAND_FIELD.test(name))]);
}

/** Addresses were checked on the way in. A control character here is a bug, and must not become another field. */
function commandField(name: string, address: string): string {
  if (/[\u0000-\u001f\u007f]/.test(address)) throw new Error('An envelope address has a control character.');
  return `${name}: ${address}\r\n`;
}

/** A failure before the rename: certainly not sent. */
interface NotSent {
  readonly phase: 'connect' | 'body';
  readonly error: string;
}

/** Undefined once the draft is on disk. After a failure no file is left. */
async function writeDraft(directory: string, draft: string, bytes: Buffer): Promise<NotSent | undefined> {
  let file: FileHandle;
  try {
    file = await open(draft, 'wx', MODE);
  } catch (error) {
    return { phase: 'connect', error: `${directory} cannot be written: ${reason(error)}` };
  }
  try {
    // The umask masks the mode that `open` sets.
    await file.chmod(MODE);
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    return undefined;
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(draft).catch(() => {});
    return { phase: 'body', error: reason(error) };
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? errorText(error);
}

/** Renames the draft. From here on PowerMTA may read the file. */
async function publish(directory: string, draft: string, fileName: string): Promise<Transmission> {
  const facts = { recipients: [], remote: directory };
  try {
    await rename(draft, join(directory, fileName));
  } catch (error) {
    // When the draft is still there, PowerMTA has not got the message.
    const isHeldBack = await unlink(draft).then(
      () => true,
      () => false,
    );
    return { phase: isHeldBack ? 'body' : 'dot', error: reason(error), ...facts };
  }
  try {
    await syncDirectory(directory);
    return { phase: 'done', reply: { code: 250, text: `written as ${fileName}` }, ...facts };
  } catch (error) {
    return { phase: 'dot', error: reason(error), ...facts };
  }
}

/** Without fsync of the directory, a power failure may undo the rename. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a draft, as each delivery does, and removes it. */
async function check(directory: string, name: string): Promise<CheckReport> {
  const startedAt = performance.now();
  const draft = join(directory, `.${name}`);
  const failure = await writeDraft(directory, draft, Buffer.alloc(0));
  if (failure === undefined) await unlink(draft);
  const ok = failure === undefined;
  const detail = failure === undefined ? `${directory} can be written` : failure.error;
  const ms = Math.round(performance.now() - startedAt);
  return { ok, stages: [{ stage: 'directory', ok, detail, ms }] };
}

function randomName(): string {
  return randomBytes(8).toString('hex');
}
