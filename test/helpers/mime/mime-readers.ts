import { spawnSync } from 'node:child_process';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import PostalMime, { decodeWords, type Address as PostalAddress } from 'postal-mime';
import { WAIT_MS } from '../programs/patience.ts';

/** What a reader found in a message, in one form for all of them; absent things are undefined, `''` or `[]`. */
export interface ReadMessage {
  readonly from: readonly ReadMailbox[];
  readonly sender: readonly ReadMailbox[];
  readonly to: readonly ReadMailbox[];
  readonly cc: readonly ReadMailbox[];
  readonly replyTo: readonly ReadMailbox[];
  readonly subject: string;
  readonly messageId: string;
  /** Epoch ms. */
  readonly date: number;
  /** Lower-case name and value of the caller's own fields; where a reader does not decode these, postal-mime did. */
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly ReadAttachment[];
  /** What the reader objects to; only Python's says so. */
  readonly defects?: readonly string[];
}

export interface ReadMailbox {
  readonly name: string;
  readonly address: string;
}

export interface ReadAttachment {
  readonly filename: string | undefined;
  readonly contentType: string;
  readonly cid: string | undefined;
  readonly isInline: boolean;
  readonly base64: string;
}

/** Reads a message with postal-mime. */
export async function readWithPostalMime(mime: Buffer): Promise<ReadMessage> {
  const mail = await PostalMime.parse(mime, { attachmentEncoding: 'arraybuffer' });
  return {
    from: postalMailboxes(mail.from && [mail.from]),
    sender: postalMailboxes(mail.sender && [mail.sender]),
    to: postalMailboxes(mail.to),
    cc: postalMailboxes(mail.cc),
    replyTo: postalMailboxes(mail.replyTo),
    subject: mail.subject ?? '',
    messageId: mail.messageId ?? '',
    date: Date.parse(mail.date ?? ''),
    headers: mail.headers
      .filter(({ key }) => key.startsWith('x-'))
      .map(({ key, value }) => [key, decodeWords(value)]),
    text: mail.text,
    html: mail.html,
    attachments: mail.attachments.map(file => ({
      filename: file.filename ?? undefined,
      contentType: file.mimeType,
      cid: file.contentId?.replace(/^<|>$/g, ''),
      isInline: file.disposition === 'inline',
      base64: Buffer.from(file.content as ArrayBuffer).toString('base64'),
    })),
  };
}

/** Reads a message with mailparser, without what it makes up: text out of html and the reverse, links, images put in. */
export async function readWithMailparser(mime: Buffer): Promise<ReadMessage> {
  const mail = await simpleParser(mime, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipTextLinks: true,
  });
  return {
    from: parserMailboxes(mail.from),
    sender: parserMailboxes(mail.headers.get('sender') as AddressObject | undefined),
    to: parserMailboxes(mail.to),
    cc: parserMailboxes(mail.cc),
    replyTo: parserMailboxes(mail.replyTo),
    subject: mail.subject ?? '',
    messageId: mail.messageId ?? '',
    date: mail.date?.getTime() ?? Number.NaN,
    headers: ownHeaders(mail),
    text: mail.text,
    html: mail.html === false ? undefined : mail.html,
    attachments: mail.attachments.map(file => ({
      filename: file.filename,
      contentType: file.contentType,
      cid: file.cid,
      isInline: file.contentDisposition === 'inline',
      base64: file.content.toString('base64'),
    })),
  };
}

/** Reads messages with Python's email package, all in one process; undefined where there is no Python 3. */
export function readWithPython(mimes: readonly Buffer[]): ReadMessage[] | undefined {
  const script = new URL('./mime-python-reader.py', import.meta.url).pathname;
  const input = JSON.stringify(mimes.map(mime => mime.toString('base64')));
  const python = spawnSync('python3', [script], {
    input,
    maxBuffer: 2 ** 28,
    timeout: WAIT_MS,
    encoding: 'utf8',
  });
  if (python.error !== undefined && 'code' in python.error && python.error.code === 'ENOENT')
    return undefined;
  if (python.status !== 0) throw new Error(`python3 failed: ${python.stderr}`);
  return (JSON.parse(python.stdout) as ReadMessage[]).map(message => ({
    ...message,
    headers: message.headers.filter(([name]) => name.startsWith('x-')),
    text: message.text ?? undefined,
    html: message.html ?? undefined,
    attachments: message.attachments.map(file => ({
      ...file,
      filename: file.filename ?? undefined,
      cid: file.cid ?? undefined,
    })),
  }));
}

function postalMailboxes(list: readonly PostalAddress[] | undefined): ReadMailbox[] {
  return (list ?? []).map(({ name, address }) => ({ name, address: address ?? '' }));
}

function parserMailboxes(field: AddressObject | AddressObject[] | undefined): ReadMailbox[] {
  return [field ?? []]
    .flat()
    .flatMap(({ value }) => value.map(({ name, address }) => ({ name, address: address ?? '' })));
}

function ownHeaders(mail: ParsedMail): [string, string][] {
  return [...mail.headers]
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => [name, decodeWords(String(value))]);
}
