import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import { type GateWithFarEnds, startGateWithFarEnds } from '../../helpers/mail-servers/far-ends.ts';
import type { SinkStep } from '../../helpers/mail-servers/smtp-sink.ts';

// Providers that are changed, away, slow or no SMTP servers at all. The tests run side by side, as one of them has to wait
// for a breaker.

let gate: GateWithFarEnds;
let api: Api;
beforeAll(async () => {
  gate = await startGateWithFarEnds();
  ({ api } = gate);
});
afterAll(() => gate.stop());

const LATER = { answer: ({ stage }: SinkStep) => (stage === 'mail' ? '451 4.3.0 later' : undefined) };

function from(domain: string, more: Readonly<Record<string, unknown>> = {}) {
  return { from: `a@${domain}`, to: 'b@rcpt.test', text: 'x', ...more };
}

function change(provider: number, settings: Readonly<Record<string, unknown>>): Promise<unknown> {
  return api.ask('PATCH', `/v1/providers/${provider}`, settings);
}

describe.concurrent('a provider that is changed', () => {
  test.for([
    ['disabled', (provider: number) => change(provider, { isEnabled: false })],
    ['deleted', (provider: number) => api.ask('DELETE', `/v1/providers/${provider}`)],
    ['made for another sender domain', (provider: number) => change(provider, { senderDomains: ['x.test'] })],
  ] as const)('%s: what waited for it goes by another, and new mail too', async ([what, takeAway]) => {
    const domain = `${what.replaceAll(' ', '-')}.test`;
    const first = await gate.add(domain, LATER, { priority: 1 });
    const second = await gate.add(domain, {}, { priority: 2 });
    const waiting = await api.send(from(domain));
    await api.reach(waiting, 'deferred');
    await takeAway(first.provider);
    await api.reach(await api.send(from(domain)), 'delivered');
    await api.retry(waiting);
    const { attempts } = await api.reach(waiting, 'delivered');
    expect(attempts.map(({ provider }) => provider)).toEqual([first.provider, second.provider]);
    expect(second.messages).toHaveLength(2);
  });

  test('given another address: the next attempt goes there', async () => {
    const here = await gate.add('moved.test', LATER);
    const there = await gate.add('nobody.test');
    const id = await api.send(from('moved.test'));
    await api.reach(id, 'deferred');
    await change(here.provider, { port: there.port });
    await api.retry(id);
    await api.reach(id, 'delivered');
    expect(there.messages).toHaveLength(1);
  });

  test('given another priority: the next message takes the other way first', async () => {
    const first = await gate.add('order.test', {}, { priority: 1 });
    const second = await gate.add('order.test', {}, { priority: 2 });
    await api.reach(await api.send(from('order.test')), 'delivered');
    await change(second.provider, { priority: 0 });
    await api.reach(await api.send(from('order.test')), 'delivered');
    expect([first.messages.length, second.messages.length]).toEqual([1, 1]);
  });

  test('disabled during a transaction: that one ends as it should', async () => {
    const reply = Promise.withResolvers<undefined>();
    const first = await gate.add('busy.test', {
      answer: ({ stage }) => (stage === 'dot' ? reply.promise : undefined),
    });
    const id = await api.send(from('busy.test'));
    await first.until(() => first.messages.length === 1);
    await change(first.provider, { isEnabled: false });
    reply.resolve(undefined);
    expect((await api.reach(id, 'delivered')).attempts).toHaveLength(1);
    expect(first.messages).toHaveLength(1);
  });

  test('not there yet: mail is accepted, waits, and goes when there is one', async () => {
    const id = await api.send(from('first.test'));
    expect(await api.story(id)).toMatchObject({
      provider: null,
      recipients: [{ state: 'queued', attempts: 0 }],
    });
    await gate.add('first.test');
    await api.reach(id, 'delivered');
  });
});

describe.concurrent('a provider that is slow', () => {
  test('has as many connections at once as it allows, and no more', async () => {
    let open = 0;
    let most = 0;
    const farEnd = await gate.add(
      'narrow.test',
      {
        async answer({ stage }) {
          if (stage !== 'dot') return undefined;
          open += 1;
          most = Math.max(most, open);
          await new Promise(resolve => setTimeout(resolve, 10));
          open -= 1;
          return undefined;
        },
      },
      { maxConnections: 3 },
    );
    await api.sendMany(Array.from({ length: 60 }, () => from('narrow.test')));
    await until(() => farEnd.messages.length === 60, 'all of it');
    expect(most).toBe(3);
    expect(farEnd.sessions).toHaveLength(3);
  });

  test('and answers nothing any more does not hold up the mail of the others', async () => {
    const hanging = await gate.add('hangs.test', {
      answer: ({ stage }) => (stage === 'mail' ? { fault: 'silence' } : undefined),
    });
    await api.sendMany(Array.from({ length: 3_000 }, () => from('hangs.test')));
    const well = await gate.add('well.test');
    const ids = await api.sendMany(Array.from({ length: 300 }, () => from('well.test')));
    await until(() => well.messages.length === ids.length, 'the mail of the other');
    expect(hanging.sessions.length).toBeGreaterThan(0);
    await hanging.close();
  });
});

describe.concurrent('a pickup directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-pickup-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function addPickup(name: string): Promise<{ provider: number; directory: string }> {
    const directory = join(folder, name);
    mkdirSync(directory);
    const settings = { kind: 'pickup', directory, senderDomains: [`${name}.test`] };
    return { provider: await api.addProvider(settings), directory };
  }

  test('gets a file for each message: orders for PowerMTA, then the message as it is', async () => {
    const { directory } = await addPickup('format');
    const message = from('format.test', {
      to: 'to@rcpt.test',
      cc: 'cc@rcpt.test',
      bcc: 'bcc@rcpt.test',
      subject: 'Größe',
      text: '.dot\n',
    });
    const id = await api.send(message);
    const { attempts } = await api.reach(id, 'delivered');
    const [name = '', ...others] = readdirSync(directory);
    expect(others).toEqual([]);
    expect(name).toMatch(/^[0-9a-f]{16}\.eml$/);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o644);
    expect(attempts).toMatchObject([{ phase: 'done', reply: { code: 250, text: `written as ${name}` } }]);
    const mime = (await api.call('GET', `/v1/messages/${id}/raw`)).text;
    const orders = ['x-sender: a@format.test', 'x-receiver: to@rcpt.test', 'x-receiver: cc@rcpt.test'];
    expect(readFileSync(join(directory, name), 'utf8')).toBe(
      [...orders, 'x-receiver: bcc@rcpt.test', mime].join('\r\n'),
    );
    expect(mime).toMatch(/^(Date|From|Message-ID|MIME-Version|Subject|To): /);
  });

  test('never gets orders that a caller wrote', async () => {
    const { directory } = await addPickup('orders');
    const raw =
      'From: a@orders.test\r\nX-Receiver: evil@rcpt.test\r\nx-job: 1\r\nSubject: kept\r\n\r\nX-Job: kept\r\n';
    const path = '/v1/messages/raw?sender=&recipient=b@rcpt.test';
    const { id } = JSON.parse((await api.call('POST', path, raw)).text);
    await api.reach(id, 'delivered');
    const file = readFileSync(join(directory, readdirSync(directory)[0] ?? ''), 'utf8');
    expect(file).toMatch(/^x-sender: <>\r\nx-receiver: b@rcpt\.test\r\n/);
    expect(file).not.toContain('evil');
    expect(file.match(/x-job/gi)).toHaveLength(1);
    expect(file).toContain('\r\nSubject: kept\r\n\r\nX-Job: kept\r\n');
  });

  test('that is removed defers the mail, and gets it when it is back', async () => {
    const { provider, directory } = await addPickup('removed');
    rmSync(directory, { recursive: true });
    const id = await api.send(from('removed.test'));
    const { attempts } = await api.reach(id, 'deferred');
    expect(attempts).toMatchObject([
      { provider, phase: 'connect', error: expect.stringContaining('not exist') },
    ]);
    expect(await api.ask('POST', `/v1/providers/${provider}/check`)).toMatchObject({ ok: false });
    mkdirSync(directory);
    expect(await api.ask('POST', `/v1/providers/${provider}/check`)).toMatchObject({ ok: true });
    await api.retry(id);
    await api.reach(id, 'delivered');
    expect(readdirSync(directory)).toHaveLength(1);
  });
});

describe.concurrent('a provider that was down', () => {
  test('is dialled a few times, and after 30 s by one connection that goes first', async () => {
    const { farEnd, dialledAt, dialsAtFirstDot } = await addAndBreak('storm.test');
    const dials = dialledAt.length;
    expect(dials).toBeLessThanOrEqual(10);
    await api.sendMany(Array(300).fill(from('storm.test')));
    await until(() => farEnd.messages.length === 300, 'all of it');
    expect((dialledAt[dials] ?? 0) - (dialledAt[dials - 1] ?? 0)).toBeGreaterThan(25_000);
    expect(dialsAtFirstDot()).toBe(dials + 1);
  });

  test('gets what has waited by priority', async () => {
    const { farEnd } = await addAndBreak('priority.test', { maxConnections: 1 });
    const priorities = ['bulk', 'normal', 'high'].flatMap(priority => Array<string>(100).fill(priority));
    await api.sendMany(priorities.map(priority => from('priority.test', { priority, subject: priority })));
    await until(() => farEnd.messages.length === 300, 'all of it');
    const arrived = farEnd.messages.map(({ bytes }) => /^Subject: (\w+)/m.exec(String(bytes))?.[1]);
    expect(arrived).toEqual(priorities.toReversed());
  });

  /** A far end that hangs up until it was dialled so often that its breaker is open, and is well from then on. */
  async function addAndBreak(domain: string, settings = {}) {
    let isDown = true;
    const dialledAt: number[] = [];
    let dialsAtFirstDot: number | undefined;
    const farEnd = await gate.add(
      domain,
      {
        answer({ stage }) {
          if (stage === 'connect') dialledAt.push(Date.now());
          if (stage === 'dot') dialsAtFirstDot ??= dialledAt.length;
          return stage === 'connect' && isDown ? { fault: 'close' } : undefined;
        },
      },
      settings,
    );
    // By the time that the breaker closes, 30 s after it opened, they have expired.
    const expiresAt = new Date(Date.now() + 25_000).toISOString();
    await api.sendMany(Array(6).fill(from(domain, { expiresAt })));
    await until(
      async () =>
        (await api.events()).some(({ type, provider }) => type === 'alert' && provider === farEnd.provider),
      'the breaker to open',
    );
    isDown = false;
    return { farEnd, dialledAt, dialsAtFirstDot: () => dialsAtFirstDot };
  }
});
