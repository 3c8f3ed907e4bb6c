import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Account, newAccount, type Webhook } from '../../src/core/account.ts';
import type { EventType } from '../../src/core/event.ts';
import { createDialer } from '../../src/net/dial.ts';
import { createGuardedDialer } from '../../src/net/guard.ts';
import { createWebhooks, type Webhooks, type WebhooksContext } from '../../src/services/webhooks/webhooks.ts';
import { createHarness } from '../helpers/gates/engine.ts';
import { until } from '../helpers/gates/gate.ts';
import { createReadableLog, type ReadableLog } from '../helpers/gates/readable-log.ts';
import { createTestCa } from '../helpers/mail-servers/test-ca.ts';
import { scaled } from '../helpers/programs/patience.ts';
import { rigOpener, type StoreRig } from '../helpers/stores/store-rig.ts';

const openRig = rigOpener(createHarness);
/** Short, for receivers that do not answer, and long enough for those that do. */
const TIMEOUT_MS = scaled(150);
const KEY = randomBytes(24);
const SECRET = `whsec_${KEY.toString('base64')}`;

/** A post as the receiver sees it. */
interface Post {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly path: string;
}

interface Receiver {
  readonly url: string;
  readonly posts: readonly Post[];
  /** The events that were taken, by the recipient or the subject of interest. */
  readonly types: () => readonly string[];
  readonly connections: () => number;
}

type Answer = (post: Post, response: ServerResponse) => void;

const take: Answer = (_post, response) => void response.writeHead(204).end();

let rig: StoreRig;
let log: ReadableLog;

beforeEach(async () => {
  rig = await openRig();
  log = createReadableLog();
});

/** A receiver on a free port of loopback, until the test ends. */
async function startReceiver(answer: Answer = take, tls?: { cert: string; key: string }): Promise<Receiver> {
  const posts: Post[] = [];
  let connections = 0;
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = await request.toArray();
    const post = { headers: request.headers, body: String(Buffer.concat(chunks)), path: request.url ?? '' };
    posts.push(post);
    answer(post, response);
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', () => connections++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook?a=1`,
    posts,
    types: () => posts.map(({ body }) => JSON.parse(body).type),
    connections: () => connections,
  };
}

/** An account with a webhook; the first is account 1, as the messages of the rig are. */
async function addAccount(url: string, events: readonly EventType[] = [], name = 'one'): Promise<Account> {
  const webhook: Webhook = { url, sealedSecret: 'sealed', events };
  const account = await rig.store.registry.add('account', name, id => {
    return { ...newAccount({ id, name, allowedSenders: ['*'], createdAt: 0 }), webhook };
  });
  if (account === undefined) throw new Error('The name is taken.');
  return account;
}

const setWebhook = (id: number, webhook: Webhook | null) =>
  rig.store.registry.change('account', id, account => ({ ...account, webhook }));

async function start(changes: Partial<WebhooksContext> = {}): Promise<Webhooks> {
  const webhooks = createWebhooks({
    history: rig.store.history,
    registry: rig.store.registry,
    openSecret: () => SECRET,
    dial: createDialer(),
    allowsHttp: () => true,
    now: rig.now,
    random: () => 0.5,
    log: log.logger,
    backoffMs: [20],
    ...changes,
  });
  onTestFinished(() => webhooks.stop());
  return webhooks;
}

/** Waits until the webhooks have found where they begin. */
async function begun(account = 1): Promise<void> {
  await until(async () => (await rig.store.history.cursor(`webhook:${account}`)) !== '0', 'the beginning');
}

const subjects = (posts: readonly Post[]) => posts.map(({ body }) => JSON.parse(body).data.messageId);

describe('a webhook', () => {
  it('is told of what happens to the mail of its account, as Standard Webhooks has it', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url);
    await start();
    await begun();
    const message = await rig.acceptLeased({ to: ['b@rcpt.test'] });
    await rig.finish(message, [{ state: 'bounced' }]);
    await until(() => receiver.posts.length === 2, 'both events');
    const [accepted, bounced] = receiver.posts.map(({ body }) => JSON.parse(body));
    const at = new Date(rig.now()).toISOString();
    expect(accepted).toMatchObject({
      type: 'accepted',
      timestamp: at,
      data: { messageId: message.id, type: 'accepted', at },
    });
    expect(bounced).toMatchObject({
      type: 'bounced',
      timestamp: at,
      data: { recipient: 'b@rcpt.test', provider: 1, data: { code: 550, reason: 'no such user' } },
    });
    expect(receiver.posts[0]).toMatchObject({
      path: '/hook?a=1',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('is signed with the secret of the account', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url);
    await start();
    await begun();
    await rig.accept();
    await until(() => receiver.posts.length === 1, 'the event');
    const [post] = receiver.posts;
    const {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    } = post?.headers ?? {};
    expect(id).toMatch(/^evt_\d+_\d+$/);
    expect(timestamp).toBe(String(Math.floor(rig.now() / 1_000)));
    const expected = createHmac('sha256', KEY).update(`${id}.${timestamp}.${post?.body}`).digest('base64');
    expect(signature).toBe(`v1,${expected}`);
  });

  it('is told of nothing that was before it', async () => {
    const receiver = await startReceiver();
    await rig.accept();
    await addAccount(receiver.url);
    await start();
    await begun();
    const after = await rig.accept();
    await until(() => receiver.posts.length > 0, 'the event');
    expect(subjects(receiver.posts)).toEqual([after.id]);
  });

  it('is told of the events that it asks for only', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url, ['bounced', 'delivered']);
    await start();
    await begun();
    const message = await rig.acceptLeased({ to: ['b@rcpt.test', 'c@rcpt.test', 'd@rcpt.test'] });
    await rig.finish(message, [{ state: 'bounced' }, { state: 'failed' }, { state: 'delivered' }]);
    await until(() => receiver.posts.length === 2, 'both events');
    expect(receiver.types()).toEqual(['bounced', 'delivered']);
  });

  it('is told of no other account', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url);
    await start();
    await begun();
    await rig.accept({ account: 2 });
    const ours = await rig.accept();
    await until(() => receiver.posts.length > 0, 'the event');
    expect(subjects(receiver.posts)).toEqual([ours.id]);
  });

  it('gets an event again, with the same id, until it takes it, and the next only then', async () => {
    const receiver = await startReceiver((_post, response) => {
      response.writeHead(receiver.posts.length < 4 ? 500 : 200).end();
    });
    await addAccount(receiver.url);
    await start();
    await begun();
    const first = await rig.accept();
    const second = await rig.accept();
    await until(() => receiver.posts.length === 5, 'five posts');
    expect(subjects(receiver.posts)).toEqual([first.id, first.id, first.id, first.id, second.id]);
    const ids = receiver.posts.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(ids[4]).not.toBe(ids[0]);
  });

  it('gets hundreds of events in order, over one connection', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url);
    await start();
    await begun();
    const messages = await Promise.all(Array.from({ length: 300 }, () => rig.accept()));
    await until(() => receiver.posts.length === 300, 'all events');
    const seqs = receiver.posts.map(({ body }) => Number(JSON.parse(body).data.id));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    expect(new Set(subjects(receiver.posts))).toEqual(new Set(messages.map(({ id }) => id)));
    expect(receiver.connections()).toBe(1);
  });

  it('goes on after a restart where it was, although it never took an event', async () => {
    let isWell = false;
    const receiver = await startReceiver(
      (_post, response) => void response.writeHead(isWell ? 200 : 500).end(),
    );
    await addAccount(receiver.url);
    const first = await start();
    await begun();
    const early = await rig.accept();
    await until(() => receiver.posts.length > 1, 'a second try');
    await first.stop();
    await rig.restart();
    const late = await rig.accept();
    isWell = true;
    const before = receiver.posts.length;
    await start();
    await until(() => receiver.posts.length >= before + 2, 'both events');
    expect(subjects(receiver.posts.slice(before))).toEqual([early.id, late.id]);
  });

  it('gets nothing that it took twice after an orderly stop', async () => {
    let holdsSecond = true;
    const receiver = await startReceiver((post, response) => {
      if (receiver.posts.length < 2 || !holdsSecond) take(post, response);
    });
    await addAccount(receiver.url);
    const first = await start();
    await begun();
    const [taken, held] = [await rig.accept(), await rig.accept()];
    // The second comes only once the answer to the first was read.
    await until(() => receiver.posts.length === 2, 'both events');
    await first.stop();
    holdsSecond = false;
    await rig.restart();
    await start();
    const late = await rig.accept();
    await until(() => receiver.posts.length > 3, 'the events that were not taken');
    expect(subjects(receiver.posts)).toEqual([taken, held, held, late].map(({ id }) => id));
  });

  it('is asked again no earlier than it says in Retry-After', async () => {
    const at: number[] = [];
    const receiver = await startReceiver((_post, response) => {
      at.push(performance.now());
      response.writeHead(at.length === 1 ? 429 : 200, { 'retry-after': '1' }).end();
    });
    await addAccount(receiver.url);
    await start();
    await begun();
    await rig.accept();
    await until(() => at.length === 2, 'the second try');
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(500);
  });

  it('that says 410 is removed from its account', async () => {
    const receiver = await startReceiver((_post, response) => void response.writeHead(410).end());
    const { id } = await addAccount(receiver.url);
    await start();
    await begun();
    await rig.accept();
    await rig.accept();
    await until(async () => (await rig.store.registry.get('account', id))?.webhook === null, 'the removal');
    await until(async () => (await rig.store.history.cursor('webhook:1')) === '0', 'the end of its reader');
    expect(receiver.posts).toHaveLength(1);
  });

  it('that answers with a redirect is not followed', async () => {
    const elsewhere = await startReceiver();
    const receiver = await startReceiver((_post, response) => {
      response.writeHead(307, { location: elsewhere.url }).end();
    });
    await addAccount(receiver.url);
    await start();
    await begun();
    await rig.accept();
    await until(() => receiver.posts.length > 2, 'further tries');
    expect(elsewhere.posts).toEqual([]);
  });

  it('that does not answer is asked again, over another connection', async () => {
    const receiver = await startReceiver((_post, response) => {
      if (receiver.posts.length > 1) response.writeHead(200).end();
    });
    await addAccount(receiver.url);
    await start({ timeoutMs: TIMEOUT_MS });
    await begun();
    await rig.accept();
    await until(() => receiver.posts.length === 2, 'the second try');
    expect(receiver.connections()).toBe(2);
    expect(log.lines).toContainEqual(expect.objectContaining({ reason: `no reply within ${TIMEOUT_MS} ms` }));
  });

  it('that is dead holds up no other', async () => {
    const dead = await startReceiver(() => {});
    const alive = await startReceiver();
    await addAccount(dead.url);
    await addAccount(alive.url, [], 'two');
    await start();
    await begun(1);
    await begun(2);
    await rig.accept({ account: 1 });
    await until(() => dead.posts.length === 1, 'the dead one');
    await rig.accept({ account: 2 });
    await until(() => alive.posts.length === 1, 'the other');
  });

  it('whose secret does not open holds up no other', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url);
    await addAccount(receiver.url, [], 'two');
    await start({
      openSecret(account) {
        if (account === 1) throw new Error('sealed with another key');
        return SECRET;
      },
    });
    await begun(2);
    const message = await rig.accept({ account: 2 });
    await until(() => receiver.posts.length === 1, 'the event');
    expect(subjects(receiver.posts)).toEqual([message.id]);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ msg: 'the webhook of an account cannot be started', account: 1 }),
    );
  });

  it('of a disabled account waits until that is enabled again', async () => {
    const receiver = await startReceiver();
    const { id } = await addAccount(receiver.url);
    const enable = (isEnabled: boolean) =>
      rig.store.registry.change('account', id, account => ({ ...account, isEnabled }));
    await start();
    await begun();
    await enable(false);
    const other = await startReceiver();
    await addAccount(other.url, [], 'two');
    await begun(2);
    const meanwhile = await rig.accept();
    await rig.accept({ account: 2 });
    await until(() => other.posts.length === 1, 'the event of the other account');
    expect(receiver.posts).toEqual([]);
    await enable(true);
    await until(() => receiver.posts.length === 1, 'the event');
    expect(subjects(receiver.posts)).toEqual([meanwhile.id]);
  });

  it('is given up for events that are three days old, and gets the newer ones', async () => {
    let isWell = false;
    const receiver = await startReceiver(
      (_post, response) => void response.writeHead(isWell ? 200 : 500).end(),
    );
    await addAccount(receiver.url);
    await start();
    await begun();
    await rig.accept();
    await until(() => receiver.posts.length > 1, 'a second try');
    rig.advance(73 * 3_600_000);
    await until(() => log.lines.some(({ msg }) => String(msg).startsWith('an event was dropped')), 'the end');
    isWell = true;
    const before = receiver.posts.length;
    const late = await rig.accept();
    await until(() => receiver.posts.length > before, 'the newer event');
    expect(subjects(receiver.posts).at(-1)).toBe(late.id);
  });

  it('begins when it is set, and ends when it is removed', async () => {
    const receiver = await startReceiver();
    const { id, webhook } = await addAccount(receiver.url);
    await setWebhook(id, null);
    await start();
    await isShown(await rig.accept());
    await setWebhook(id, webhook);
    await begun();
    const second = await rig.accept();
    await until(() => receiver.posts.length === 1, 'the event');
    await setWebhook(id, null);
    await until(async () => (await rig.store.history.cursor('webhook:1')) === '0', 'the end of its reader');
    await isShown(await rig.accept());
    await setWebhook(id, webhook);
    await begun();
    const fourth = await rig.accept();
    await until(() => receiver.posts.length === 2, 'the last event');
    expect(subjects(receiver.posts)).toEqual([second.id, fourth.id]);

    /** What others of the same server have under way may hold up readers of the log: a reader that begins now begins before it. */
    function isShown(message: { readonly id: string }): Promise<unknown> {
      return until(
        async () => (await rig.events()).some(({ messageId }) => messageId === message.id),
        'its event to be shown',
      );
    }
  });

  it('goes over verified TLS', async () => {
    const ca = createTestCa();
    const receiver = await startReceiver(take, ca.issue(['127.0.0.1']));
    await addAccount(receiver.url);
    await start({ ca: ca.cert, allowsHttp: () => false });
    await begun();
    await rig.accept();
    await until(() => receiver.posts.length === 1, 'the event');
  });

  it('gets nothing when its certificate is for another name', async () => {
    const ca = createTestCa();
    const receiver = await startReceiver(take, ca.issue(['other.example']));
    await addAccount(receiver.url);
    await start({ ca: ca.cert });
    await begun();
    await rig.accept();
    await until(() => log.lines.some(({ reason }) => /altnames/.test(String(reason))), 'the refusal');
    expect(receiver.posts).toEqual([]);
  });

  it('that never comes to TLS is let go and asked again', async () => {
    let [opened, closed] = [0, 0];
    const server = createTcpServer(socket => {
      opened++;
      socket.on('error', () => {}).once('close', () => closed++);
      socket.resume();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    await addAccount(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await start({ timeoutMs: 100 });
    await begun();
    await rig.accept();
    await until(() => opened > 2 && closed > 1, 'connections that were let go');
  });

  it('gets nothing in clear text unless its host is allowed', async () => {
    const receiver = await startReceiver();
    await addAccount(receiver.url);
    await start({ allowsHttp: host => host === 'hooks.example' });
    await begun();
    await rig.accept();
    await until(() => log.lines.some(({ reason }) => /must use https/.test(String(reason))), 'the refusal');
    expect(receiver.connections()).toBe(0);
  });

  it.each(['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433'])(
    'at an internal host is never connected to: %s',
    async host => {
      const receiver = await startReceiver();
      await addAccount(receiver.url.replace('127.0.0.1', host));
      const allows = (): boolean => false;
      await start({ dial: createGuardedDialer({ allows }) });
      await begun();
      await rig.accept();
      await until(() => log.lines.filter(({ reason }) => reason !== undefined).length > 1, 'two refusals');
      expect(receiver.connections()).toBe(0);
    },
  );
});
