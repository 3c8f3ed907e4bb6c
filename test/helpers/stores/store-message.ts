import { type Address, parseAddress } from '../../../src/core/address.ts';
import type { MessageId } from '../../../src/core/message.ts';
import type { NewMessage } from '../../../src/store/store.ts';

/** What a test varies of a message; `to` in place of an envelope. */
export type MessageSettings = Partial<NewMessage> & { readonly to?: readonly string[] };

export const HOUR_MS = 3_600_000;

/** A checked address. */
export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

/** A message that is due now, of account 1 in lane 1. */
export function newMessage(
  id: MessageId,
  now: number,
  { to = ['to@rcpt.test'], ...more }: MessageSettings = {},
): NewMessage {
  return {
    id,
    account: 1,
    dialect: 'test',
    envelope: { sender: address('bounce@sender.test'), recipients: to.map(address) },
    mime: Buffer.from('Subject: hello\r\n\r\nhello\r\n'),
    eightBit: false,
    smtputf8: false,
    from: address('from@sender.test'),
    subject: 'hello',
    messageIdHeader: `<${id}@sender.test>`,
    tags: [],
    metadata: {},
    priority: 'normal',
    lane: 1,
    createdAt: now,
    dueAt: now,
    expiresAt: now + 72 * HOUR_MS,
    ...more,
  };
}
