import type { Provider } from '../../core/provider.ts';
import type { ClaimResult, LeasedMessage } from '../../store/store.ts';
import type { Transport } from '../transport.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { Quota } from './provider-quota.ts';

/** How often a lane asks the store for due messages when it knows of none. */
export const POLL_MS = 1_000;

/** The queue of one provider, as far as it is in memory. Only this class writes its state; the steps of the dispatch loop call its methods. */
export class Lane {
  readonly provider: Provider;
  readonly transport: Transport;
  readonly breaker = new CircuitBreaker();
  readonly quota: Quota;

  /** Leased messages that wait for a free connection. */
  readonly #ready: Readonly<Record<LeasedMessage['priority'], LeasedMessage[]>> = {
    high: [],
    normal: [],
    bulk: [],
  };
  /** Attempts under way. */
  #active = 0;
  /** The store may hold due messages for this lane. A new message must not overtake them from memory. */
  #hasBacklog = true;
  /** Epoch ms of the next due message in the store, as of the last claim. Undefined: none waits, or it is part of the backlog. */
  #nextDueAt: number | undefined;
  /** The claim under way. `poll`: the lane knows of nothing due and only asks, once every POLL_MS. */
  #claim: 'none' | 'backlog' | 'poll' = 'none';
  /** Epoch ms at which the last claim started. */
  #claimedAt = 0;
  /** The limits of the provider are being asked for more quota. */
  #isReserving = false;
  /** The breaker is open, and no message of the last claim had another provider. Cleared by the next tick. */
  #isStuck = false;
  /** The provider was changed, disabled or deleted. Nothing starts here any more. */
  #isClosed = false;

  constructor(provider: Provider, transport: Transport, quota: Quota) {
    this.provider = provider;
    this.transport = transport;
    this.quota = quota;
  }

  // ——— ready messages ———

  get readyCount(): number {
    return this.#ready.high.length + this.#ready.normal.length + this.#ready.bulk.length;
  }

  addReady(message: LeasedMessage): void {
    this.#ready[message.priority].push(message);
  }

  /** The message that `takeReady` takes next. */
  peekReady(): LeasedMessage | undefined {
    return this.#ready.high[0] ?? this.#ready.normal[0] ?? this.#ready.bulk[0];
  }

  /** High priority before normal before bulk, each first in, first out. */
  takeReady(): LeasedMessage | undefined {
    return this.#ready.high.shift() ?? this.#ready.normal.shift() ?? this.#ready.bulk.shift();
  }

  /** All of them, in the order in which `takeReady` takes them. */
  takeAllReady(): LeasedMessage[] {
    const { high, normal, bulk } = this.#ready;
    return [high, normal, bulk].flatMap(messages => messages.splice(0));
  }

  // ——— attempts ———

  get active(): number {
    return this.#active;
  }

  attemptStarted(): void {
    this.#active += 1;
  }

  attemptEnded(): void {
    this.#active -= 1;
  }

  /** How many attempts may start now, by the capacity of the transport and by the breaker. */
  freeSlots(now: number): number {
    return Math.min(this.transport.capacity - this.#active, this.breaker.allowance(now, this.#active));
  }

  // ——— what the store holds ———

  /** When the timer must wake the lane for a message in the store. */
  get nextDueAt(): number | undefined {
    return this.#nextDueAt;
  }

  /** Whether a due message in the store, or one that is being claimed, is older than a message that arrives now. */
  get hasOlderDue(): boolean {
    return this.#hasBacklog || this.#claim === 'backlog';
  }

  /** The store holds due messages. The end of each attempt makes the lane claim again, so no timer is needed. */
  noteBacklog(): void {
    this.#hasBacklog = true;
    this.#nextDueAt = undefined;
  }

  /** The store holds a message that is due at that time. True when it is earlier than all that the lane knew of. */
  noteDue(dueAt: number): boolean {
    if (this.#nextDueAt !== undefined && this.#nextDueAt <= dueAt) return false;
    this.#nextDueAt = dueAt;
    return true;
  }

  /** Called once per tick. */
  noteTick(now: number): void {
    if (this.#isDue(now)) this.noteBacklog();
    this.#isStuck = false;
  }

  #isDue(now: number): boolean {
    return this.#nextDueAt !== undefined && this.#nextDueAt <= now;
  }

  // ——— claims ———

  /** Whether a claim is worth a query: one at a time, when something is due or POLL_MS after the last one. */
  isClaimDue(now: number): boolean {
    if (this.#claim !== 'none') return false;
    return this.#hasBacklog || this.#isDue(now) || now - this.#claimedAt >= POLL_MS;
  }

  claimStarted(now: number): void {
    this.#claim = this.#hasBacklog || this.#isDue(now) ? 'backlog' : 'poll';
    this.#hasBacklog = false;
    this.#claimedAt = now;
  }

  addClaimed({ messages, nextDueAt }: ClaimResult, now: number): void {
    for (const message of messages) this.addReady(message);
    this.#nextDueAt = nextDueAt;
    if (this.#isDue(now)) this.noteBacklog();
  }

  claimEnded(): void {
    this.#claim = 'none';
  }

  // ——— limits ———

  get isReserving(): boolean {
    return this.#isReserving;
  }

  reservationStarted(): void {
    this.#isReserving = true;
  }

  reservationEnded(): void {
    this.#isReserving = false;
  }

  // ——— health ———

  /** The operator has paused the provider: its mail waits and does not fail over. */
  get isPaused(): boolean {
    return this.provider.isPaused === true;
  }

  /** The breaker is closed and the provider is not paused. */
  get isUp(): boolean {
    return this.breaker.openUntil === undefined && !this.isPaused;
  }

  get isStuck(): boolean {
    return this.#isStuck;
  }

  /** Notes whether messages behind the open breaker could go to another provider. */
  noteFailover(hasMoved: boolean): void {
    this.#isStuck = !hasMoved;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
  }
}
