import { randomBytes } from 'node:crypto';
import PostalMime, { type Email } from 'postal-mime';
import { hashOfKeyText, newKeyText } from '../../../src/auth/key-text.ts';
import { createKeyring } from '../../../src/auth/keyring.ts';
import { newAccount } from '../../../src/core/account.ts';
import { createIds, idFromBigInt } from '../../../src/core/id.ts';
import type { MessageView } from '../../../src/core/message-view.ts';
import { createTurbosmtp } from '../../../src/dialects/turbosmtp/turbosmtp.ts';
import { createHttpServer } from '../../../src/http/http.ts';
import type { Handlers } from '../../../src/operations/operations.ts';
import type { Store } from '../../../src/store/store.ts';
import { createSubmit } from '../../../src/submit/submit.ts';
import { suiteContext } from '../../suites/dialect.ts';
import { createHarness } from './engine.ts';

/** A gate that speaks turboSMTP on a free port and keeps in a real store what it accepts; nothing delivers it. */
export interface TurbosmtpGate {
  /** `http://HOST:PORT` */
  readonly http: string;
  /** Those of its only account, which may send as anybody. */
  readonly user: string;
  readonly key: string;
  readonly store: Store;
  /** What was accepted under a `mid`, as the store has it and as a parser reads it. */
  accepted(mid: bigint): Promise<{ message: MessageView; mime: Buffer; email: Email }>;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;
const USER = 'shop@sender.test';

export async function startTurbosmtpGate({ v1ErrorStatus = 400 } = {}): Promise<TurbosmtpGate> {
  const harness = await createHarness();
  const store = await harness.open({ now: Date.now, maxQueued: 100_000 });
  const key = await addAccount(store);
  const keyring = createKeyring({ registry: store.registry, operatorToken: '', operatorAccount: USER });
  const server = createHttpServer({
    ...suiteContext([createTurbosmtp({ v1ErrorStatus })], operationsOn(store)),
    authenticate: keyring.authenticate,
    now: Date.now,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    ...{ http: `http://127.0.0.1:${port}`, user: USER, key, store },
    async accepted(mid) {
      const id = idFromBigInt(mid);
      const message = await store.history.message(id);
      const mime = await store.history.body(id);
      if (message === undefined || !Buffer.isBuffer(mime)) throw new Error(`There is no message ${mid}.`);
      return { message, mime, email: await PostalMime.parse(mime) };
    },
    async close() {
      await server.close(0);
      keyring.close();
      await store.close();
      await harness.remove();
    },
  };
}

async function addAccount({ registry }: Store): Promise<string> {
  const account = await registry.add('account', USER, id =>
    newAccount({ id, name: USER, allowedSenders: ['*'], createdAt: 0 }),
  );
  let text = '';
  await registry.add('key', 'key', id => {
    text = newKeyText(id, randomBytes);
    const hash = hashOfKeyText(text);
    return {
      id,
      account: account?.id ?? 0,
      name: 'key',
      scopes: ['send'],
      hash,
      createdAt: 0,
      revokedAt: null,
    };
  });
  return text;
}

function operationsOn(store: Store): Handlers {
  const { submit } = createSubmit({
    store,
    delivery: {
      reserve: () => false,
      deliver: () => {},
      release: () => {},
      noteStored: () => {},
      firstOutcome: async () => 'queued',
    },
    lease: 1,
    providers: () => [],
    policy: {
      maxRecipients: 1_000,
      maxMessageBytes: 32 * MIB,
      expiryMs: 3_600_000,
      maxExpiryMs: 3_600_000,
      maxScheduleMs: 0,
    },
    newId: createIds(1, Date.now),
    newToken: () => randomBytes(10).toString('hex'),
    now: Date.now,
    onAccepted: () => {},
  });
  // Of all operations this API uses one.
  return { submit: (who, submission) => submit(who, submission) } as Partial<Handlers> as Handlers;
}
