import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from '../../../src/core/address.ts';
import { createIds } from '../../../src/core/id.ts';
import type { Transmission } from '../../../src/core/outcome.ts';
import type { CaptureProvider, Provider } from '../../../src/core/provider.ts';
import { createDispatcher, type Dispatcher } from '../../../src/delivery/lane/dispatcher.ts';
import { createLanes, type Lanes } from '../../../src/delivery/lane/lanes.ts';
import { startLeaseRenewal } from '../../../src/delivery/lease-renewal.ts';
import { createMemoryBudget } from '../../../src/delivery/memory-budget.ts';
import type { Parcel, SendOptions, Transport } from '../../../src/delivery/transport.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { NewMessage, Store } from '../../../src/store/store.ts';
import { CAPTURE } from '../stores/records.ts';

/** What a scripted provider does with a message. */
export type Script = (parcel: Parcel, options: SendOptions) => Promise<Transmission>;

/** A dispatcher on a real store, with scripted providers and a clock that the test moves. */
export interface DeliveryRig {
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly lanes: Lanes;
  /** Errors that the dispatcher reported. */
  readonly errors: unknown[];
  /** Every message that reached a provider, in order. */
  readonly sent: { provider: number; parcel: Parcel }[];
  now(): number;
  advance(ms: number): void;
  addProvider(script: Script, settings?: Partial<CaptureProvider>): Promise<Provider>;
  /** Stores a message for the lane, and hands it over from memory when the lane allows it. */
  accept(lane: number, settings?: Partial<NewMessage>): Promise<NewMessage>;
  /** Moves only the monotonic clock, as if the process had been stopped for so long. */
  freeze(ms: number): void;
  /** Aborts what is under way, as at the end of the grace period of a shutdown. */
  abort(): void;
  close(): Promise<void>;
}

export const ACCEPTED: Transmission = {
  phase: 'done',
  reply: { code: 250, enhanced: '2.0.0', text: 'queued' },
  recipients: [{ code: 250, text: 'ok' }],
};

/** A script that gives these answers in order, with a dot where the answer needs one. It repeats the last answer. */
export function answering(...answers: Transmission[]): Script {
  let count = 0;
  return async (_parcel, { beforeDot }) => {
    const answer = answers[Math.min(count++, answers.length - 1)] ?? ACCEPTED;
    if (answer.phase === 'dot' || answer.phase === 'done') await beforeDot([]);
    return answer;
  };
}

export async function createDeliveryRig(
  limits = { messages: 2_000, bytes: 64 * 1024 * 1024 },
): Promise<DeliveryRig> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-delivery-'));
  let clock = Date.UTC(2026, 10, 21, 12);
  const now = () => clock;
  let frozenMs = 0;
  const errors: unknown[] = [];
  const sent: DeliveryRig['sent'] = [];
  const scripts = new Map<number, Script>();
  const store = await openStore(`sqlite:${join(folder, 'store.sqlite')}`, {
    now,
    minFreeBytes: 0,
    maxQueued: 100_000,
  });
  const lanes = createLanes(
    store,
    provider => scripted(provider, scripts, sent),
    error => errors.push(error),
  );
  await lanes.refresh();
  const leaseRenewal = await startLeaseRenewal(
    store.nodes,
    { now, monotonicMs: () => performance.now() + frozenMs },
    { host: 'test', pid: 1 },
    () => {},
  );
  const grace = new AbortController();
  const dispatcher = createDispatcher({
    store,
    lanes,
    memory: createMemoryBudget(limits),
    now,
    onError: error => errors.push(error),
    attempts: {
      journal: store.nodes.journal,
      leaseRenewal,
      now,
      random: () => 0.5,
      policy: { unknown: 'retry', unknownRetryMs: 600_000 },
      signal: grace.signal,
      onTransmission: (_message, lane, _record, sign) => void lane.breaker.note(sign, now()),
      onBug: error => errors.push(error),
    },
  });
  const newId = createIds(leaseRenewal.node, now);

  return {
    store,
    dispatcher,
    lanes,
    errors,
    sent,
    now,
    advance(ms) {
      clock += ms;
      dispatcher.wake();
    },
    async addProvider(script, settings = {}) {
      const provider = await store.registry.add('provider', `provider-${scripts.size}`, id => {
        scripts.set(id, script);
        return { ...CAPTURE, id, ...settings };
      });
      if (provider === undefined) throw new Error('The name is taken.');
      await lanes.refresh();
      return provider;
    },
    async accept(lane, settings = {}) {
      const message = { ...newMessage(newId(), lane, now()), ...settings };
      const isHot = dispatcher.reserve(lane, message.mime.length, message.envelope.recipients.length);
      await store.queue.enqueue(isHot ? { ...message, lease: leaseRenewal.lease } : message);
      if (!isHot) dispatcher.noteStored(lane, message.dueAt);
      else dispatcher.deliver(leased(message));
      return message;
    },
    freeze(ms) {
      frozenMs += ms;
    },
    abort: () => grace.abort(),
    async close() {
      await dispatcher.drain();
      await leaseRenewal.stop({ leave: true });
      await lanes.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function scripted(provider: Provider, scripts: Map<number, Script>, sent: DeliveryRig['sent']): Transport {
  return {
    capacity: 4,
    send(parcel, options) {
      sent.push({ provider: provider.id, parcel });
      const script = scripts.get(provider.id) ?? answering(ACCEPTED);
      return script(parcel, options);
    },
    check: async () => ({ ok: true, stages: [] }),
    close: async () => {},
  };
}

function newMessage(id: string, lane: number, now: number): NewMessage {
  return {
    id,
    account: 1,
    dialect: 'test',
    envelope: { sender: 'from@sender.test' as Address, recipients: ['to@rcpt.test' as Address] },
    mime: Buffer.from('Subject: hello\r\n\r\nhello\r\n'),
    eightBit: false,
    smtputf8: false,
    from: 'from@sender.test' as Address,
    subject: 'hello',
    messageIdHeader: `<${id}@sender.test>`,
    tags: [],
    metadata: {},
    priority: 'normal',
    lane,
    createdAt: now,
    dueAt: now,
    expiresAt: now + 72 * 3_600_000,
  };
}

function leased(message: NewMessage) {
  const recipients = message.envelope.recipients.map((address, index) => ({
    index,
    address,
    wasUnknown: false,
    attempts: 0,
  }));
  return { ...message, sender: message.envelope.sender, recipients, attempt: 1 };
}
