import { type Address, parseAddress } from '../core/address.ts';
import type { Envelope } from '../core/message.ts';
import type { Parsed } from '../core/parsed.ts';
import { accept, refuse } from '../core/parsed.ts';
import { normaliseLineEnds } from '../mime/line-ends.ts';

/** A message out of a pickup directory. */
export interface PickupFile {
  readonly envelope: Envelope;
  /** What stands behind the orders, with CRLF for every line end. */
  readonly mime: Buffer;
  /** Orders that only PowerMTA obeys, by their names in lower case, in the order found. */
  readonly ignored: readonly string[];
}

interface Orders {
  readonly senders: string[];
  readonly receivers: string[];
  readonly ignored: string[];
}

const LF = 10;
// The words of the pickup directory that PowerMTA reads, and that delivery/transports/pickup.ts writes.
const ORDER = /^(x-(?:sender|receiver|envid|virtual-mta|job|dsn[\w-]*)):(.*)$/is;
/** An order holds one address or one short word. */
const LONGEST_ORDER = 1000;

/** Reads a file of a pickup directory: `x-sender` and `x-receiver` lines, then an ordinary message. */
export function parsePickupFile(file: Buffer): Parsed<PickupFile> {
  const orders: Orders = { senders: [], receivers: [], ignored: [] };
  const start = readOrders(file, orders);
  const envelope = envelopeOf(orders);
  if (!envelope.ok) return envelope;
  const mime = file.subarray(start);
  if (mime.length === 0) return refuse('there is no message behind the orders');
  if (mime[0] === 32 || mime[0] === 9) return refuse('an order goes on in a second line');
  if (mime.includes(0)) return refuse('the message holds NUL');
  return accept({ envelope: envelope.value, mime: normaliseLineEnds(mime), ignored: orders.ignored });
}

/** Collects the orders at the beginning of the file; returns where they end. */
function readOrders(file: Buffer, orders: Orders): number {
  for (let at = 0; ; ) {
    const end = file.indexOf(LF, at);
    if (end === -1 || end - at > LONGEST_ORDER) return at;
    const line = file.toString('utf8', at, end).replace(/\r$/, '');
    const [, name = '', value = ''] = ORDER.exec(line) ?? [];
    if (name === '') return at;
    addOrder(orders, name.toLowerCase(), value.trim());
    at = end + 1;
  }
}

function addOrder(orders: Orders, name: string, value: string): void {
  if (name === 'x-sender') orders.senders.push(value);
  else if (name === 'x-receiver') orders.receivers.push(value);
  else orders.ignored.push(name);
}

function envelopeOf({ senders, receivers }: Orders): Parsed<Envelope> {
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

/** `<>`, or nothing at all, is the null sender. */
function parsePath(text: string): Parsed<Address | ''> {
  return bare(text) === '' ? accept('') : parseAddress(bare(text));
}

function bare(text: string): string {
  return /^<(.*)>$/.exec(text)?.[1] ?? text;
}
