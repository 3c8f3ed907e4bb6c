import { until } from './gate.ts';

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Reply {
  readonly code: number;
  readonly enhanced?: string;
  readonly text: string;
}

/** What `/v1` tells of a message. */
export interface Story {
  readonly id: string;
  readonly messageId: string;
  readonly subject: string;
  readonly provider: number | null;
  readonly isLeased: boolean;
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly attempts: number;
    readonly dueAt?: string;
    readonly lastReply?: Reply;
    readonly lastError?: string;
  }[];
  readonly attempts: readonly {
    readonly number: number;
    readonly provider: number;
    readonly phase: string;
    readonly reply?: Reply;
    readonly error?: string;
    readonly repeated?: boolean;
  }[];
  readonly events: readonly EventStory[];
}

/** What `/v1` tells of an event. */
export interface EventStory {
  readonly id: string;
  readonly type: string;
  readonly messageId?: string;
  readonly recipient?: string;
  readonly provider?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The APIs of a running gate, for who holds a key. What goes wrong is thrown, but for `call`. */
export interface Api {
  /** A body that is no text goes as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** The JSON of a good answer. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Hands a message in by `/v1`; resolves with its id. */
  send(message: JsonObject): Promise<string>;
  /** Hands messages in, a thousand at a time; resolves with their ids. */
  sendMany(messages: readonly JsonObject[]): Promise<string[]>;
  story(id: string): Promise<Story>;
  /** Waits until each recipient is in one of the states and nothing is under way. */
  reach(id: string, ...states: readonly string[]): Promise<Story>;
  /** Asks for an attempt now, once none is under way; does nothing when that one delivered it. */
  retry(id: string): Promise<void>;
  /** Waits until nothing waits for an attempt. */
  reachEmptyQueue(): Promise<void>;
  /** Resolves with its id. */
  addProvider(settings: JsonObject): Promise<number>;
  /** All events after a cursor; absent: from the first. */
  events(after?: string): Promise<EventStory[]>;
}

const LIVE_STATES = ['queued', 'deferred', 'unknown'];

/** Speaks with the gate at a base URL; without a key as somebody who has none. */
export function apiOf({ http }: { readonly http: string }, key?: string): Api {
  const authorization: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };

  async function call(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
    const answer = await fetch(http + path, {
      method,
      headers: { ...authorization, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { status, text } = await call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
    // Tests say what they expect of the answer, and fail where that is not so.
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  const story = (id: string): Promise<Story> => ask<Story>('GET', `/v1/messages/${id}`);
  return {
    ...{ call, ask, story },
    send: async message => (await ask<{ id: string }>('POST', '/v1/messages', message)).id,
    sendMany: messages => sendMany(ask, messages),
    reach: (id, ...states) =>
      until(
        async () => {
          const found = await story(id);
          const isThere = found.recipients.every(({ state }) => states.includes(state));
          return isThere && !found.isLeased && found;
        },
        `${id} to be ${states.join(' or ')}`,
      ),
    async retry(id) {
      await until(async () => {
        const { status, text } = await call('POST', `/v1/messages/${id}/retry`);
        if (status < 300) return true;
        if (status !== 409) throw new Error(`The retry of ${id} was answered ${status}: ${text}`);
        return (await story(id)).recipients.every(({ state }) => state === 'delivered');
      }, `${id} to be tried again`);
    },
    async reachEmptyQueue() {
      await until(() => isQueueEmpty(ask), 'the queue to be empty');
    },
    addProvider: async settings => (await ask<{ id: number }>('POST', '/v1/providers', settings)).id,
    events: (after = '0') => readEvents(ask, after),
  };
}

const BATCH = 1_000;

async function sendMany(ask: Api['ask'], messages: readonly JsonObject[]): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; from < messages.length; from += BATCH) {
    const batch = messages.slice(from, from + BATCH);
    const { results } = await ask<{ results: { id: string }[] }>('POST', '/v1/messages/batch', batch);
    ids.push(...results.map(result => result.id));
  }
  return ids;
}

async function isQueueEmpty(ask: Api['ask']): Promise<boolean> {
  for (const state of LIVE_STATES) {
    const path = `/v1/messages?state=${state}&limit=1`;
    const { messages } = await ask<{ messages: readonly unknown[] }>('GET', path);
    if (messages.length > 0) return false;
  }
  return true;
}

async function readEvents(ask: Api['ask'], after: string): Promise<EventStory[]> {
  const events: EventStory[] = [];
  for (let cursor = after; ; ) {
    const path = `/v1/events?after=${cursor}&limit=1000`;
    const page = await ask<{ events: EventStory[]; cursor: string }>('GET', path);
    if (page.events.length === 0) return events;
    events.push(...page.events);
    cursor = page.cursor;
  }
}
