import { onTestFinished } from 'vitest';
import type { Event } from '../../../src/core/event.ts';
import { createIds } from '../../../src/core/id.ts';
import type { MessageId } from '../../../src/core/message.ts';
import type { MessageView } from '../../../src/core/message-view.ts';
import type { RecipientState } from '../../../src/core/outcome.ts';
import type { NextState } from '../../../src/core/settle.ts';
import type { Finish, LeasedMessage, LeaseId, NewMessage, Store } from '../../../src/store/store.ts';
import { finishOf } from './store-finish.ts';
import { type MessageSettings, newMessage } from './store-message.ts';

export interface StoreOptions {
  readonly now: () => number;
  readonly maxQueued: number;
}

/** One store of the engine under test, for one test. */
export interface StoreHarness {
  /** Opens the store; after its `close`, the same one again. */
  open(options: StoreOptions): Promise<Store>;
  /** While it is closed: makes of its wire journals what a restart of the machine leaves of them. */
  restartMachine(): Promise<void>;
  /** Removes the store, which is closed. */
  remove(): Promise<void>;
}

export type MakeHarness = () => Promise<StoreHarness>;

/** A store on a clock that the test moves, with a node that has joined. */
export interface StoreRig {
  readonly store: Store;
  /** The lease of the incarnation that joined last. */
  readonly lease: LeaseId;
  now(): number;
  advance(ms: number): void;
  /** A message that is due now, of account 1 in lane 1. */
  newMessage(settings?: MessageSettings): NewMessage;
  /** The same, enqueued and accepted. */
  accept(settings?: MessageSettings): Promise<NewMessage>;
  /** Leases all that is due in a lane. */
  claim(lane?: number): Promise<readonly LeasedMessage[]>;
  /** Accepts a message and leases it. */
  acceptLeased(settings?: MessageSettings): Promise<LeasedMessage>;
  /** Accepts a message that is inserted leased: hot hand-over. */
  acceptHot(settings?: MessageSettings): Promise<LeasedMessage>;
  /** The lease of another node. */
  joinAnother(): Promise<LeaseId>;
  /** Ends a lease after one attempt, with a standing for each recipient that was due. */
  finish(message: LeasedMessage, standings: readonly NextState[], more?: Partial<Finish>): Promise<boolean>;
  /** Waits for a verb that is content to ride on the next commit, and brings that about. */
  hurry<T>(verb: Promise<T>): Promise<T>;
  view(id: MessageId): Promise<MessageView>;
  states(id: MessageId): Promise<readonly RecipientState[]>;
  events(id?: MessageId): Promise<readonly Event[]>;
  /** Feeds the search index until it has read everything. */
  indexAll(): Promise<void>;
  /** Ends the process without leave and starts it again, later than its lease was good for. */
  restart(options?: Partial<StoreOptions> & { ofMachine?: boolean }): Promise<void>;
}

export type OpenRig = (options?: Partial<StoreOptions>) => Promise<StoreRig>;

export const LEASE_MS = 15_000;
const START = Date.UTC(2026, 10, 21, 12);

/** How the tests of a suite get their stores: each its own, removed when the test has ended. */
export function rigOpener(makeHarness: MakeHarness): OpenRig {
  return async options => {
    const harness = await makeHarness();
    const rig = await createRig(harness, options);
    onTestFinished(async () => {
      await rig.store.close();
      await harness.remove();
    });
    return rig;
  };
}

/** The same without a test to end it; for properties that need many. */
export async function createRig(
  harness: StoreHarness,
  options: Partial<StoreOptions> = {},
): Promise<StoreRig> {
  let clock = START;
  const now = () => clock;
  const settings = { now, maxQueued: 100_000, ...options };
  let store = await harness.open(settings);
  const join = () => store.nodes.join({ now: clock, leaseMs: LEASE_MS, host: 'test', pid: 1 });
  let incarnation = await join();
  const newId = createIds(incarnation.node, now);

  const rig: StoreRig = {
    get store() {
      return store;
    },
    get lease() {
      return incarnation.lease;
    },
    now,
    advance(ms) {
      clock += ms;
    },
    newMessage: (more = {}) => newMessage(newId(), clock, more),
    async accept(more) {
      const message = rig.newMessage(more);
      const result = await store.queue.enqueue(message);
      if (result.kind !== 'accepted') throw new Error(`The message was not accepted: ${result.kind}.`);
      return message;
    },
    async claim(lane = 1) {
      const request = { lane, lease: rig.lease, now: clock, limit: 1_000, maxBytes: 1e9 };
      return (await store.queue.claim(request)).messages;
    },
    async acceptLeased(more) {
      const { id, lane } = await rig.accept(more);
      const message = (await rig.claim(lane)).find(one => one.id === id);
      if (message === undefined) throw new Error('The message was not claimed.');
      return message;
    },
    async acceptHot(more) {
      return leasedFrom(await rig.accept({ ...more, lease: rig.lease }));
    },
    joinAnother: async () => (await join()).lease,
    finish: (message, standings, more) =>
      rig.hurry(store.queue.finish({ ...finishOf(message, rig.lease, clock, standings), ...more })),
    async hurry(verb) {
      const [value] = await Promise.all([verb, store.nodes.renew(rig.lease, clock + LEASE_MS)]);
      return value;
    },
    async view(id) {
      const view = await store.history.message(id);
      if (view === undefined) throw new Error(`There is no message ${id}.`);
      return view;
    },
    states: async id => (await rig.view(id)).recipients.map(one => one.state),
    events: messageId =>
      store.history.events({ after: '0', limit: 10_000, ...(messageId !== undefined && { messageId }) }),
    async indexAll() {
      while ((await rig.hurry(store.index())) > 0);
    },
    async restart({ ofMachine = false, ...more } = {}) {
      await store.close();
      if (ofMachine) await harness.restartMachine();
      clock += LEASE_MS + 1;
      store = await harness.open({ ...settings, ...more });
      incarnation = await join();
    },
  };
  return rig;
}

/** What a node has in memory of a message that it inserted leased. */
function leasedFrom(message: NewMessage): LeasedMessage {
  const { id, account, dialect, mime, eightBit, smtputf8, from, priority, lane, createdAt, expiresAt } =
    message;
  const { sender } = message.envelope;
  const recipients = message.envelope.recipients.map((to, index) => ({
    index,
    address: to,
    wasUnknown: false,
    attempts: 0,
  }));
  const facts = {
    id,
    account,
    dialect,
    mime,
    eightBit,
    smtputf8,
    from,
    priority,
    lane,
    createdAt,
    expiresAt,
  };
  return { ...facts, sender, recipients, attempt: 1 };
}
