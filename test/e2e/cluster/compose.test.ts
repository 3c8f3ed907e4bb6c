import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import { testFolder } from '../../helpers/gates/cli.ts';
import { type Composed, readCompose, startComposed, statusOf } from '../../helpers/gates/compose.ts';
import { readDockerfile } from '../../helpers/gates/dockerfile.ts';
import { ROOT, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { speakTo } from '../../helpers/mail-servers/smtp-speaker.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';

// compose.yaml as it is read, and run without containers: test/helpers/gates/compose.ts says how.

const VARIABLES = {
  POSTGRES_PASSWORD: 'a-password',
  POSTERN_SECRET_KEY: Buffer.alloc(32, 7).toString('hex'),
};

const CLIENTS = 3;

describe('compose.yaml', () => {
  const { services, volumes } = readCompose(VARIABLES);
  const gates = ['gate-1', 'gate-2'].map(name => services[name] ?? {});

  test('names files, volumes and services that are there', () => {
    for (const { volumes: mounts = [], depends_on: needed = [], build } of Object.values(services)) {
      for (const mount of mounts) {
        const [source = ''] = mount.split(':');
        expect(source.startsWith('.') ? existsSync(join(ROOT, source)) : source in volumes, source).toBe(
          true,
        );
      }
      for (const name of Array.isArray(needed) ? needed : Object.keys(needed))
        expect(services).toHaveProperty(name);
      if (build !== undefined) expect(existsSync(join(ROOT, build, 'Dockerfile'))).toBe(true);
    }
  });

  test('publishes to this machine alone, because passwords may come in clear', () => {
    expect(Object.values(services).flatMap(({ ports = [] }) => ports)).toEqual([
      '127.0.0.1:8000:8000',
      '127.0.0.1:8025:8025',
    ]);
    expect(
      gates.every(({ environment }) => environment?.['POSTERN_SMTP_ALLOW_AUTH_IN_CLEAR'] === 'true'),
    ).toBe(true);
  });

  test('gives its gates settings that they take, one key, a data folder each, and time to stop', () => {
    for (const gate of gates) {
      const config = loadConfig({ environment: { ...readDockerfile().environment, ...gate.environment } });
      expect(config.secretKey).toBe(VARIABLES.POSTERN_SECRET_KEY);
      expect(gate.read_only).toBe(true);
      const stopMs = Number.parseInt(gate.stop_grace_period ?? '', 10) * 1_000;
      expect(stopMs).toBeGreaterThan(config.http.drainMs + config.delivery.graceMs + 5_000);
    }
    expect(new Set(gates.flatMap(gate => gate.volumes ?? [])).size).toBe(2);
  });

  test('names the gates by the addresses that the load balancer has', () => {
    const balancer = readFileSync(join(ROOT, 'deploy/haproxy.cfg'), 'utf8');
    const named = [...balancer.matchAll(/^ +server (\S+) ([\d.]+):/gm)].map(
      ([, name, at]) => `${name} ${at}`,
    );
    const given = ['gate-1', 'gate-2'].map(
      name => `${name} ${services[name]?.networks?.default.ipv4_address}`,
    );
    expect(named).toEqual([...given, ...given]);
  });
});

describe.runIf(needs('two gates behind a load balancer', 'haproxy', 'pg_isready'))(
  'two gates behind a load balancer',
  () => {
    let sink: SmtpSink;
    let composed: Composed;
    let key: string;

    beforeAll(async () => {
      sink = await startSmtpSink();
      composed = await startComposed(VARIABLES, {
        POSTERN_SMARTHOST: `smtp://127.0.0.1:${sink.port}?tls=none`,
        // What a killed gate may have sent, or may not have, is not waited for.
        POSTERN_DELIVERY_UNKNOWN_RETRY_MS: '2 s',
      });
      key = JSON.parse(
        await composed.gates['gate-1'].postern('key', 'create', '--name', 'shop', '--json'),
      ).secret;
    });
    afterAll(async () => {
      await composed?.stop();
      await sink?.close();
    });

    const arrived = (name: string) =>
      sink.messages.filter(({ bytes }) => bytes.includes(`Subject: ${name}\r\n`)).length;
    const delivered = (name: string) => until(() => arrived(name) > 0, `${name} to be delivered`);

    function post(name: string, headers: Record<string, string> = { authorization: `Bearer ${key}` }) {
      const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject: name, text: 'x' });
      return statusOf(`${composed.http}/messages`, { method: 'POST', headers, body });
    }

    /** The reply to the dot, or what was said instead. */
    async function handInBySmtp(name: string): Promise<string> {
      const client = await speakTo({ port: composed.smtpPort });
      try {
        await client.reply();
        const auth = `AUTH PLAIN ${Buffer.from(`\0shop\0${key}`).toString('base64')}`;
        const commands = ['EHLO c.test', auth, 'MAIL FROM:<a@sender.test>', 'RCPT TO:<b@rcpt.test>', 'DATA'];
        const replies = [];
        for (const command of commands) replies.push(await client.ask(command));
        if (!replies.at(-1)?.startsWith('354')) return replies.join('\n');
        return await client.ask(`From: a@sender.test\r\nTo: b@rcpt.test\r\nSubject: ${name}\r\n\r\nx\r\n.`);
      } finally {
        client.cut();
      }
    }

    /** Mail in both ways from several clients until told to stop; resolves with what was accepted and what was not. */
    function startLoad(prefix: string) {
      const accepted: string[] = [];
      const refused: string[] = [];
      let isOver = false;
      const client = async (hand: (name: string) => Promise<boolean>, n: number) => {
        for (let i = 0; !isOver; i++) {
          const name = `${prefix}-${n}-${i}`;
          ((await hand(name).catch(() => false)) ? accepted : refused).push(name);
          await new Promise(resolve => setTimeout(resolve, 40));
        }
      };
      const byHttp = async (name: string) => (await post(name)) === 200;
      const bySmtp = async (name: string) => (await handInBySmtp(name)).startsWith('250');
      const clients = [...Array(CLIENTS - 1).fill(byHttp), bySmtp].map(client);
      return {
        ...{ accepted, refused },
        async stop() {
          isOver = true;
          await Promise.all(clients);
        },
      };
    }

    test('deliver what comes by HTTP and by SMTP', async () => {
      expect(await post('by HTTP')).toBe(200);
      expect(await handInBySmtp('by SMTP')).toMatch(/^250 2\.0\.0 /);
      await delivered('by HTTP');
      await delivered('by SMTP');
    });

    test('are told who their clients are', async () => {
      // Without a key from this machine only, which is where the load balancer says that they are, or that they are not.
      expect(await post('without a key', {})).toBe(200);
      expect(await post('from elsewhere', { 'x-real-ip': '192.0.2.7' })).toBe(401);
      expect(
        await post('lied', { 'x-forwarded-for': '127.0.0.1, 192.0.2.7', forwarded: 'for=192.0.2.7' }),
      ).toBe(401);
      await delivered('without a key');
      await handInBySmtp('traced');
      await delivered('traced');
      const traced = sink.messages.find(({ bytes }) => bytes.includes('Subject: traced\r\n'));
      expect(String(traced?.bytes)).toMatch(/^Received: from c\.test \(\[127\.0\.0\.1\]\)/);
    });

    test('refuse a third that has another sealing key', async () => {
      const environment = {
        ...readDockerfile().environment,
        ...readCompose(VARIABLES).services['gate-1']?.environment,
      };
      const store = composed.postgres.url('postern').replace(/:[^:@]*@/, `:${VARIABLES.POSTGRES_PASSWORD}@`);
      const { code, stderr } = await runProgram(process.execPath, ['bin/postern', 'queue', 'list'], {
        cwd: ROOT,
        env: {
          ...environment,
          POSTERN_STORE: store,
          POSTERN_SECRET_KEY: 'f'.repeat(64),
          POSTERN_DATA: testFolder(),
        },
      });
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/sealed with another key .* need the same key/),
      ]);
    });

    test('lose nothing when one is killed, go on with the other, and with both when it is back', async () => {
      const load = startLoad('killed');
      await until(() => load.accepted.length > 20, 'mail to be accepted');
      await composed.gates['gate-1'].kill('SIGKILL');
      // Once the load balancer has noticed, nobody else does.
      await until(() => composed.isOut('gate-1'), 'that to be noticed');
      const [acceptedBy, refusedBy] = [load.accepted.length, load.refused.length];
      await until(() => load.accepted.length > acceptedBy + 20, 'the other to take all');
      // Each client may have had one under way.
      expect(load.refused.length - refusedBy).toBeLessThanOrEqual(CLIENTS);
      await composed.gates['gate-1'].start();
      await until(() => composed.isIn('gate-1'), 'the load balancer to use it again');
      const isServing = () =>
        /gates-http\/gate-1 \d/.test(composed.balancerLog().split(' is UP').at(-1) ?? '');
      await until(isServing, 'mail to go there again');
      await load.stop();
      for (const name of load.accepted) await delivered(name);
    });

    test('can be restarted one after the other under load without a request that fails', async () => {
      const load = startLoad('rolling');
      await until(() => load.accepted.length > 10, 'mail to be accepted');
      for (const name of ['gate-1', 'gate-2'] as const) {
        const gate = composed.gates[name];
        expect(await gate.kill('SIGTERM')).toMatchObject({ code: 0 });
        await gate.start();
        // Before that the other must not go.
        await until(() => composed.isIn(name), 'the load balancer to use it again');
      }
      await load.stop();
      expect(load.refused).toEqual([]);
      for (const name of load.accepted) await delivered(name);
      expect(load.accepted.filter(name => arrived(name) > 1)).toEqual([]);
    });

    test('have a health check each that says when they are not ready', async () => {
      const gate = composed.gates['gate-2'];
      expect(await gate.isHealthy()).toBe(true);
      await gate.kill('SIGKILL');
      expect(await gate.isHealthy()).toBe(false);
      await gate.start();
    });

    test('have a database whose health check is content', async () => {
      const [, ...check] = readCompose(VARIABLES).services['postgres']?.healthcheck?.test ?? [];
      const [program = '', ...args] = check;
      const { port } = new URL(composed.postgres.url('postern'));
      expect(await runProgram(program, [...args, '-p', port])).toMatchObject({ code: 0 });
    });
  },
);
