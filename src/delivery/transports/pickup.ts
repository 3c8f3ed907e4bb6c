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
  /** Names of files without extension: 16 lower-case hexadecimal digits. */
  readonly newName?: () => string;
}

/** Each waits for the disk; the threads that do are few. */
const CAPACITY = 8;

const MODE = 0o644;

/** Fields that PowerMTA obeys; only we give it orders. */
const ORDER = /^x-(?:sender|receiver|envid|virtual-mta|job|dsn.*)$/i;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it is not a directory',
  EACCES: 'permission denied',
  EROFS: 'it is on a read-only file system',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
};

/** The way out through a PowerMTA pickup directory: one file per message, complete before it is seen. The rename is the dot. */
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
  const trouble = await writeDraft(directory, draft, fileOf(parcel));
  if (trouble !== undefined) return { ...trouble, recipients: [], remote: directory };
  try {
    await dot();
  } catch (held) {
    await unlink(draft).catch(() => {});
    throw held;
  }
  return publish(directory, draft, `${name}.eml`);
}

/** The envelope as PowerMTA's orders, then the message. */
function fileOf({ envelope, mime }: Parcel): Buffer {
  const orders = [
    order('x-sender', envelope.sender === '' ? '<>' : envelope.sender),
    ...envelope.recipients.map(recipient => order('x-receiver', recipient)),
  ];
  return Buffer.concat([Buffer.from(orders.join('')), removeFields(mime, name => ORDER.test(name))]);
}

/** Addresses were checked long before; a control character here is a bug, and it must not become another order. */
function order(name: string, address: string): string {
  if (/[\u0000-\u001f\u007f]/.test(address)) throw new Error('A control character in an envelope address');
  return `${name}: ${address}\r\n`;
}

/** Certainly not sent. */
interface Trouble {
  readonly phase: 'connect' | 'body';
  readonly error: string;
}

/** Undefined once it is on the disk; nothing is left behind otherwise. */
async function writeDraft(directory: string, draft: string, bytes: Buffer): Promise<Trouble | undefined> {
  let file: FileHandle;
  try {
    file = await open(draft, 'wx', MODE);
  } catch (error) {
    return { phase: 'connect', error: `${directory} cannot be written: ${reason(error)}` };
  }
  try {
    // The umask has had its say on the mode that open was given.
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

/** From here on the message may be picked up. */
async function publish(directory: string, draft: string, fileName: string): Promise<Transmission> {
  const facts = { recipients: [], remote: directory };
  try {
    await rename(draft, join(directory, fileName));
  } catch (error) {
    // The draft still being there proves that nobody has got the message.
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

/** Without it a rename may be undone by a loss of power. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a draft and takes it away again, as every delivery begins. */
async function check(directory: string, name: string): Promise<CheckReport> {
  const startedAt = performance.now();
  const draft = join(directory, `.${name}`);
  const trouble = await writeDraft(directory, draft, Buffer.alloc(0));
  if (trouble === undefined) await unlink(draft);
  const ok = trouble === undefined;
  const detail = trouble === undefined ? `${directory} can be written` : trouble.error;
  const ms = Math.round(performance.now() - startedAt);
  return { ok, stages: [{ stage: 'directory', ok, detail, ms }] };
}

function randomName(): string {
  return randomBytes(8).toString('hex');
}
