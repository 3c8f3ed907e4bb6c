import type { Database } from 'better-sqlite3';
import type { RecipientState } from '../../../src/core/outcome.ts';
import { openWriter } from '../../../src/store/sqlite/database.ts';
import { prepareIndexing } from '../../../src/store/sqlite/indexing.ts';
import { prepareViews } from '../../../src/store/sqlite/message-views.ts';
import { migrate } from '../../../src/store/sqlite/migrate.ts';
import { idOf } from '../../../src/store/sqlite/row-values.ts';

/** What a long history is to have. */
export interface HistoryWish {
  /** How many messages. */
  readonly messages: number;
  /** Epoch ms: the newest message is a minute older. */
  readonly now: number;
}

const ACCOUNTS = 4;
const PROVIDERS = 3;
/** It was only tried for the very oldest message. */
export const RARE_PROVIDER = 9;
const SPAN_MS = 20 * 86_400_000;

const SENDERS = 20;
const DOMAINS = 400;
const ADDRESSES = 200_000;
const CAMPAIGNS = 300;
const NAMES = ['ada', 'grace', 'barbara', 'edsger', 'margaret', 'donald', 'frances'];
const TAGS = ['order', 'newsletter', 'reset', 'invoice', 'welcome'];
const SUBJECTS = ['Your order', 'News of this week for', 'Set a new password,', 'Invoice', 'Welcome,'];
/** Out of a hundred messages: what became of those that were not delivered. */
const OTHERS: Readonly<Record<number, RecipientState>> = {
  7: 'bounced',
  23: 'deferred',
  41: 'bounced',
  66: 'failed',
  88: 'expired',
};
/** What waits is among so many of the newest. */
const RECENT = 2_000;

/** One message of the history, by its place in it. */
export interface HistoricMessage {
  readonly id: bigint;
  readonly at: number;
  readonly account: number;
  readonly provider: number;
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string;
  readonly tag: string;
  readonly reference: string;
  readonly campaign: string;
  readonly state: RecipientState;
  /** Ms from when it was accepted to when that became of it. */
  readonly tookMs: number;
}

/** The message at a place, 0 being the oldest. */
export function historicMessage({ messages, now }: HistoryWish, place: number): HistoricMessage {
  const at = now - 60_000 - Math.floor(SPAN_MS * (1 - partOfSpan((place + 1) / messages)));
  // Scattered, yet the same in every run.
  const noise = Math.imul(place + 1, 0x9e3779b1) >>> 0;
  const kind = noise % TAGS.length;
  const person = noise % ADDRESSES;
  const other = OTHERS[(noise >>> 12) % 100];
  const isRecent = messages - place <= RECENT;
  return {
    // The lower bits keep ids apart that fall into the same millisecond.
    id: (BigInt(at) << 21n) | BigInt(place % 8_192),
    at,
    account: 1 + (noise % ACCOUNTS),
    provider: place === 0 ? RARE_PROVIDER : 1 + ((noise >>> 8) % PROVIDERS),
    sender: `shop${(noise >>> 4) % SENDERS}@example.com`,
    recipient: `${NAMES[noise % NAMES.length]}.${person}@mail${person % DOMAINS}.example`,
    subject: `${SUBJECTS[kind]} ${100_000 + place}`,
    tag: TAGS[kind] ?? '',
    reference: `r-${place}`,
    campaign: `c-${(noise >>> 6) % CAMPAIGNS}`,
    tookMs: Math.round(120 * 2 ** ((noise % 1_000) / 160)),
    state: other === 'deferred' && !isRecent ? 'delivered' : (other ?? 'delivered'),
  };
}

/** Where in the span of time a part of the messages is reached: each day has its busy and its quiet hours. */
function partOfSpan(part: number): number {
  const turns = (2 * Math.PI * SPAN_MS) / 86_400_000;
  return part + (0.7 * Math.sin(part * turns)) / turns;
}

/**
 * Makes a database as a gate leaves it that has run for weeks: by the migrations, and the search index and the
 * figures by the program's own code. Bodies are gone, as retention leaves them.
 */
export function writeLongHistory(path: string, wish: HistoryWish): void {
  const db = openWriter(path);
  try {
    // Nobody minds if this is lost; what is measured comes later, with a gate's own settings.
    db.pragma('synchronous = OFF');
    db.pragma('cache_size = -524288');
    migrate(db, wish.now);
    const write = prepareWrite(db);
    const index = prepareIndexing(db, prepareViews(db));
    db.transaction(() => {
      for (let place = 0; place < wish.messages; place++) write(historicMessage(wish, place));
    })();
    db.transaction(() => {
      while (index() > 0);
    })();
    db.pragma('wal_checkpoint(truncate)');
  } finally {
    db.close();
  }
}

function prepareWrite(db: Database): (message: HistoricMessage) => void {
  const message = db.prepare(`insert into messages (id, account, dialect, sender, header_from, subject,
    message_id_header, tags, metadata, priority, eight_bit, smtputf8, size, created_at, expires_at)
    values (?, ?, 'v1', ?, ?, ?, ?, ?, ?, 1, 0, 0, 900, ?, ?)`);
  const recipient = db.prepare(`insert into recipients (message_id, n, address, state, attempts, due_at, code,
    enhanced, reason) values (?, 0, ?, ?, 1, ?, ?, ?, ?)`);
  const attempt =
    db.prepare(`insert into attempts (message_id, number, provider, started_at, duration_ms, phase,
    code, enhanced, reply, converted, repeated) values (?, 1, ?, ?, 180, 'dot', ?, ?, ?, 0, 0)`);
  const queue = db.prepare(
    'insert into queue (message_id, lane, priority, due_at, attempts) values (?, ?, 1, ?, 1)',
  );
  const event = db.prepare(
    'insert into events (at, type, account, message_id, n, provider, data) values (?, ?, ?, ?, ?, ?, ?)',
  );
  return one => {
    const { id, at, account, provider, sender, state } = one;
    const end = at + one.tookMs;
    const dueAt = state === 'deferred' ? at + 86_400_000 : null;
    const { code, enhanced, text } = REPLIES[state] ?? DELIVERED;
    const metadata = JSON.stringify({ referenceId: one.reference, campaignId: one.campaign });
    const tags = JSON.stringify([one.tag]);
    const header = `<${idOf(id)}@example.com>`;
    message.run(...[id, account, sender, sender, one.subject, header, tags, metadata, at, at + 86_400_000]);
    recipient.run(id, one.recipient, state, dueAt, code, enhanced, text);
    attempt.run(id, provider, at + 20, code, enhanced, text);
    if (dueAt !== null) queue.run(id, provider, dueAt);
    event.run(at, 'accepted', account, id, null, null, '{"dialect":"v1","recipients":1,"size":900}');
    event.run(...[end, state, account, id, 0, provider, JSON.stringify({ code, enhanced, reason: text })]);
  };
}

const DELIVERED = { code: 250, enhanced: '2.0.0', text: 'queued' };
const REPLIES: Readonly<Partial<Record<RecipientState, typeof DELIVERED>>> = {
  bounced: { code: 550, enhanced: '5.1.1', text: 'no such user' },
  deferred: { code: 451, enhanced: '4.7.1', text: 'try again later' },
  failed: { code: 554, enhanced: '5.7.1', text: 'refused' },
  expired: { code: 451, enhanced: '4.7.1', text: 'try again later' },
};
