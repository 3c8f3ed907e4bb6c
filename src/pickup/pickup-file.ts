import { type Address, parseAddress } from '../core/address.ts';
import type { Envelope } from '../core/message.ts';
import type { Parsed } from '../core/parsed.ts';
import { accept, refuse } from '../core/parsed.ts';
import { normaliseLineEnds } from '../mime/line-ends.ts';

/** A parsed file of a pickup directory. */
export interface PickupFile {
  readonly envelope: Envelope;
  /** The message after the envelope lines, with CRLF line ends. */
  readonly mime: Buffer;
  /** Names of the lines that only PowerMTA obeys, in lower case, in the order of the file. */
  readonly ignored: readonly string[];
}

interface EnvelopeLines {
  readonly senders: string[];
  readonly receivers: string[];
  readonly ignored: string[];
}

const LF = 10;
// The lines that PowerMTA reads in its pickup directory. delivery/transports/pickup.ts writes them.
const ENVELOPE_LINE = /^(x-(?:sender|receiver|envid|virtual-mta|job|dsn[\w-]*)):(.*)$/is;
/** An envelope line has one address or one short word. */
const LONGEST_LINE = 1000;

/** Parses a file of a pickup directory: `x-sender` and `x-receiver` lines, then an ordinary message. */
export function parsePickupFile(file: Buffer): Parsed<PickupFile> {
  const lines: EnvelopeLines = { senders: [], receivers: [], ignored: [] };
  const start = readEnvelopeLines(file, lines);
  const envelope = envelopeOf(lines);
  if (!envelope.ok) return envelope;
  const mime = file.subarray(start);
  if (mime.length === 0) return refuse('there is no message after the envelope lines');
  if (mime[0] === 32 || mime[0] === 9) return refuse('an envelope line is continued on a second line');
  if (mime.includes(0)) return refuse('the message contains a NUL');
  return accept({ envelope: envelope.value, mime: normaliseLineEnds(mime), ignored: lines.ignored });
}

/** Collects the envelope lines at the start of the file. Returns the index of their end. */
function readEnvelopeLines(file: Buffer, lines: EnvelopeLines): number {
  for (let at = 0; ; ) {
    const end = file.indexOf(LF, at);
    if (end === -1 || end - at > LONGEST_LINE) return at;
    const line = file.toString('utf8', at, end).replace(/\r$/, '');
    const [, name = '', value = ''] = ENVELOPE_LINE.exec(line) ?? [];
    if (name === '') return at;
    addLine(lines, name.toLowerCase(), value.trim());
    at = end + 1;
  }
}

function addLine(lines: EnvelopeLines, name: string, value: string): void {
  if (name === 'x-sender') lines.senders.push(value);
  else if (name === 'x-receiver') lines.receivers.push(value);
  else lines.ignored.push(name);
}

function envelopeOf({ senders, receivers }: EnvelopeLines): Parsed<Envelope> {
  const [sender, ...others] = senders;
  if (sender === undefined) return refuse('there is no x-sender line at its beginning');
  if (others.length > 0) return refuse('there is more than one x-sender line');
  if (receivers.length === 0) return refuse('there is no x-receiver line at its beginning');
  const parsedSender = parsePath(sender);
  if (!parsedSender.ok) return refuse(`x-sender: ${parsedSender.reason}`);
  const recipients = new Set<Address>();
  for (const receiver of receivers) {
    const parsed = parseAddress(bare(receiver));
    if (!parsed.ok) return refuse(`x-receiver ${JSON.stringify(receiver)}: ${parsed.reason}`);
    recipients.add(parsed.value);
  }
  return accept({ sender: parsedSender.value, recipients: [...recipients] });
}

/** `<>` and an empty value are the null sender. */
function parsePath(text: string): Parsed<Address | ''> {
  return bare(text) === '' ? accept('') : parseAddress(bare(text));
}

function bare(text: string): string {
  return /^<(.*)>$/.exec(text)?.[1] ?? text;
}
