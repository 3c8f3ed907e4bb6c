import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '../../helpers/gates/api.ts';
import { until } from '../../helpers/gates/gate.ts';
import { startExim } from '../../helpers/mail-servers/exim.ts';
import { type GateWithFarEnds, startGateWithFarEnds } from '../../helpers/mail-servers/far-ends.ts';
import { canRun, type MailServer } from '../../helpers/mail-servers/mail-server.ts';
import { startOpenSmtpd } from '../../helpers/mail-servers/opensmtpd.ts';
import { readWithMailparser } from '../../helpers/mail-servers/second-opinion.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';

const authority = createTestCa();
const login = { user: 'gate', password: randomBytes(12).toString('hex') };
const domains = ['rcpt.test'];
const SERVERS = [
  {
    name: 'Exim, over STARTTLS and after AUTH',
    program: 'exim4',
    start: () => startExim({ domains, certificate: authority.issue(['127.0.0.1']), ...login }),
    settings: {
      ...{ encryption: 'tls', caPem: authority.cert },
      ...{ username: login.user, password: login.password },
    },
    trace: /by exim\.test with (utf8)?esmtpsa/,
  },
  {
    name: 'OpenSMTPD, in clear text',
    program: 'smtpd',
    start: () => startOpenSmtpd({ domains }),
    settings: { encryption: 'none' },
    trace: /by opensmtpd\.test \(OpenSMTPD\) with ESMTP/,
  },
];

describe.for(SERVERS)('delivery through a real $name', ({ name, program, start, settings, trace }) => {
  describe.runIf(canRun(program, `delivery through a real ${name}`))('on loopback', () => {
    let server: MailServer;
    let gate: GateWithFarEnds;
    let api: Api;
    beforeAll(async () => {
      server = await start();
      gate = await startGateWithFarEnds();
      api = gate.api;
      await api.addProvider({ host: '127.0.0.1', port: server.port, ...settings });
    });
    afterAll(async () => {
      await gate?.stop();
      await server?.stop();
    });

    /** Resolves with what arrived of a message, with LF line ends as it keeps them, and with what we say we sent. */
    async function deliver(message: object): Promise<{ mail: Buffer; sent: string }> {
      const { id, messageId } = await api.ask<{ id: string; messageId: string }>(
        'POST',
        '/v1/messages',
        message,
      );
      await api.reach(id, 'delivered');
      const mail = await until(
        () => server.delivered().find(one => one.includes(messageId)),
        `${messageId} to be kept`,
      );
      const { text } = await api.call('GET', `/v1/messages/${id}/raw`);
      return { mail, sent: text.replaceAll('\r\n', '\n') };
    }

    test('mail arrives and parses as it was written', async () => {
      const message = {
        from: 'Zoë <zoe@sender.test>',
        to: ['jim@rcpt.test'],
        subject: 'Über alles 你好',
        text: `Füße\n.\n..\n${'long '.repeat(400)}\n`,
        html: '<p>Füße 👋</p>',
      };
      const { mail } = await deliver(message);
      expect(await readWithMailparser(mail)).toMatchObject({
        subject: message.subject,
        from: [['Zoë', 'zoe@sender.test']],
        text: message.text,
        html: message.html,
      });
      expect(String(mail).replace(/\n[ \t]+/g, ' ')).toMatch(trace);
    });

    test('the bytes that arrive are those that we said we send', async () => {
      const message = { from: 'a@sender.test', to: 'b@rcpt.test', subject: 'Bytes', text: '.\n..\n...\n' };
      const { mail, sent } = await deliver(message);
      expect(String(mail).endsWith(sent)).toBe(true);
    });

    test('a recipient that it refuses bounces with its words, and the other one gets the mail', async () => {
      const to = ['b@rcpt.test', 'c@elsewhere.test'];
      const id = await api.send({ from: 'a@sender.test', to, text: 'x' });
      const { recipients } = await api.reach(id, 'delivered', 'bounced');
      expect(recipients).toMatchObject([
        { address: 'b@rcpt.test', state: 'delivered', lastReply: { code: 250 } },
        { address: 'c@elsewhere.test', state: 'bounced', lastReply: { code: 550 } },
      ]);
    });
  });
});
