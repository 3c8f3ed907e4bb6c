import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBrowser, startSite, type TestBrowser, type TestSite } from '../../helpers/browsers/browser.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate } from '../../helpers/gates/gate.ts';
import { type ServedGate, startServe } from '../../helpers/gates/serve.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { createTestCa } from '../../helpers/mail-servers/test-ca.ts';
import { needs } from '../../helpers/programs/outside.ts';

// What pages can do with a gate, in a real browser: those of customers all that the APIs promise them, those of
// strangers nothing at all with the gate of whoever looks at them.

const isThere = needs('what pages of other sites can do', 'chromium');

let browser: TestBrowser;
beforeAll(async () => {
  if (isThere) browser = await startBrowser();
});
afterAll(() => browser?.close());

/** What a page read of an answer. */
interface Seen {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Request {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A page posts JSON, and reads the JSON that comes back. */
function postFrom(page: Page, request: Request): Promise<Seen> {
  return page.evaluate(async ({ url, headers, body }) => {
    const type = { 'Content-Type': 'application/json' };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...type, ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, data: (await answer.json()) as Record<string, unknown> };
  }, request);
}

describe.runIf(isThere)('a page of a customer, on a site of its own,', () => {
  const ca = createTestCa();
  const folder = mkdtempSync(join(tmpdir(), 'postern-browser-'));
  const tempMail = { jwtSecret: 'a-secret-for-tests-of-32-letters', admin: 'an-admin-password' };
  const login = { email: 'your_email@example.com', password: 'your_password' };
  const mail = { from: login.email, to: 'to_email@example.com', cc: 'cc_email@example.com' };
  let sink: SmtpSink;
  let gate: ServedGate;
  let site: TestSite;
  let page: Page;

  beforeAll(async () => {
    sink = await startSmtpSink({
      tls: { mode: 'implicit', certificate: ca.issue(['127.0.0.1']) },
      users: { [login.email]: login.password },
    });
    gate = await startTrustingGate(ca.cert, {
      'smtpMailer.ports': sink.port,
      'smtpMailer.hosts': '127.0.0.1',
      'smtpMailer.servers': `example.com=smtps://127.0.0.1:${sink.port}`,
      'tempMail.domains': 'temp-mail.test',
      'tempMail.jwtSecret': tempMail.jwtSecret,
      'tempMail.adminPasswords': tempMail.admin,
    });
    site = await startSite('<title>Shop</title>');
    page = await browser.newPage();
    await page.goto(`http://shop.test:${site.port}/`);
  });
  afterAll(async () => {
    await page?.close();
    await site?.close();
    await gate?.stop();
    await sink?.close();
    rmSync(folder, { recursive: true });
  });

  /** A gate that takes the certificates of the authority for good. */
  async function startTrustingGate(caPem: string, settings: Record<string, string | number>) {
    const file = join(folder, 'ca.pem');
    writeFileSync(file, caPem);
    process.env['NODE_EXTRA_CA_CERTS'] = file;
    try {
      return await startServe({ settings });
    } finally {
      delete process.env['NODE_EXTRA_CA_CERTS'];
    }
  }

  test('sends with the published sample, which names no server', async () => {
    const seen = await page.evaluate(
      async ({ url, smtpConfig, emailData }) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            'Content-Type': 'application/json',
            Authorization: `Basic ${btoa(`${smtpConfig.email}:${smtpConfig.password}`)}`,
          },
          body: JSON.stringify(emailData),
        });
        const data = (await response.json()) as { message: string; info?: { accepted: string[] } };
        return data.message === 'Email sent successfully' ? data.info?.accepted : data.message;
      },
      {
        url: `${gate.http}/api/smtp`,
        smtpConfig: login,
        emailData: { ...mail, subject: 'Test Api', text: 'Hello, Test Email From API' },
      },
    );
    expect(seen).toEqual([mail.to, mail.cc]);
    await expectAtSink('Test Api');
  });

  const serverHeaders = {
    'its own headers': () => ({ server: '127.0.0.1', port: `${sink.port}`, secure: 'true', ...login }),
    'Basic and X-SMTP headers': () => ({
      Authorization: `Basic ${btoa(`${login.email}:${login.password}`)}`,
      'X-SMTP-Server': '127.0.0.1',
      'X-SMTP-Port': `${sink.port}`,
      'X-SMTP-Secure': 'true',
    }),
  };
  test.each(Object.entries(serverHeaders))('names its server in %s', async (way, headersOf) => {
    const body = { ...mail, subject: `By ${way}`, text: 'Hello' };
    const seen = await postFrom(page, { url: `${gate.http}/api/smtp`, headers: headersOf(), body });
    expect(seen).toMatchObject({ status: 200, data: { message: 'Email sent successfully' } });
    await expectAtSink(body.subject);
  });

  test('reads why mail was not sent', async () => {
    const headers = { ...serverHeaders['its own headers'](), password: 'wrong' };
    const body = { ...mail, subject: 'Refused', text: 'Hello' };
    expect(await postFrom(page, { url: `${gate.http}/api/smtp`, headers, body })).toMatchObject({
      status: 401,
      data: { message: 'The server refused the e-mail address and password.', code: 'BAD_CREDENTIALS' },
    });
    expect(await postFrom(page, { url: `${gate.http}/api/smtp`, body })).toMatchObject({
      status: 401,
      data: { message: expect.stringContaining('email is missing') },
    });
  });

  test('sends as an address of temp-mail, with its JWT', async () => {
    const admin = { 'x-admin-auth': tempMail.admin };
    const url = `${gate.http}/admin/new_address`;
    const made = await postFrom(page, { url, headers: admin, body: { name: 'shop' } });
    const letter = { to_mail: 'you@example.com', subject: 'From a page', content: 'Hello', is_html: false };
    const headers = { Authorization: `Bearer ${made.data['jwt']}` };
    expect(await postFrom(page, { url: `${gate.http}/api/send_mail`, headers, body: letter })).toEqual({
      status: 200,
      data: { status: 'ok' },
    });
    expect((await apiOf(gate).call('GET', '/inbox')).text).toContain('From a page');
  });

  async function expectAtSink(subject: string): Promise<void> {
    const found = await sink.until(() => sink.messages.find(({ bytes }) => bytes.includes(subject)));
    expect(found.recipients).toEqual([mail.to, mail.cc]);
    expect(String(found.bytes)).toContain(`Subject: ${subject}\r\n`);
  }
});

describe.runIf(isThere)('a page of a stranger', () => {
  const message = { from: 'evil@evil.test', to: 'victim@example.com', subject: 'Gotcha', text: 'x' };
  let gate: RunningGate;
  let site: TestSite;
  let decoy: Server;
  let visitors = 0;

  beforeAll(async () => {
    gate = await startGate();
    decoy = createServer(socket => {
      visitors += 1;
      socket.on('error', () => {}).end('220 decoy ESMTP\r\n');
    });
    await new Promise<void>(resolve => decoy.listen(0, '127.0.0.1', resolve));
    // A form can write JSON: what is between name and value is an equals sign.
    site = await startSite(`<form method="post" enctype="text/plain" action="${gate.http}/messages">
      <input name='{"from":"evil@evil.test","to":"victim@example.com","text":"' value='"}'><button>Win</button></form>`);
  });
  afterAll(async () => {
    await site?.close();
    await gate?.stop();
    await new Promise(resolve => decoy.close(resolve));
  });

  const portOf = (url: string) => new URL(url).port;
  const homes = {
    'on another site': () => `http://evil.test:${site.port}/trap`,
    'on another port of this machine': () => `http://127.0.0.1:${site.port}/trap`,
    'under a foreign name for the gate itself': () => `http://evil.test:${portOf(gate.http)}/trap`,
  };

  describe.each(Object.entries(homes))('%s', (_, homeOf) => {
    let page: Page;
    beforeAll(async () => {
      page = await browser.newPage();
      // The first answer under the foreign name is the stranger's: only then does the name lead to the gate.
      await page.route('**/trap', trap =>
        trap.fulfill({ contentType: 'text/html', body: '<title>Trap</title>' }),
      );
      await page.goto(homeOf());
    });
    afterAll(async () => {
      await page?.close();
    });

    /** The URL of the gate for the page: its own origin where it has a foreign name for the gate. */
    const gateUrl = () => {
      const { origin, port } = new URL(homeOf());
      return port === portOf(gate.http) ? origin : gate.http;
    };

    test('hands in nothing without a key, whatever it calls the body', async () => {
      const statuses: number[] = [];
      page.on('response', answer => statuses.push(answer.status()));
      await page.evaluate(
        ([url, body]) => {
          const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'];
          const post = { method: 'POST', mode: 'no-cors', body: `${body}` } as const;
          const asked = types.map(type =>
            fetch(`${url}/messages`, { ...post, headers: { 'content-type': type } }),
          );
          return Promise.all(asked).then(() => undefined);
        },
        [gateUrl(), JSON.stringify(message)],
      );
      expect(statuses).toEqual([401, 401, 401]);
      await expectNothing();
    });

    test('reads nothing', async () => {
      const paths = ['/inbox', '/v1/messages', '/v1/keys', '/api/v2/mail/providers'];
      const texts = await page.evaluate(
        ([url, ...names]) =>
          Promise.all(
            names.map(async path => {
              const answer = await fetch(`${url}${path}`).catch(() => undefined);
              return answer?.ok === true ? answer.text() : '';
            }),
          ),
        [gateUrl(), ...paths],
      );
      expect(texts).toEqual(paths.map(() => ''));
    });

    test('reaches no server of this machine through /api/smtp', async () => {
      const { port } = decoy.address() as AddressInfo;
      for (const server of ['127.0.0.1', 'localhost', 'evil.test']) {
        const settings = { server, port: `${port}`, secure: 'false', email: 'a@b.c', password: 'x' };
        const request = { url: `${gateUrl()}/api/smtp`, headers: settings, body: message };
        expect(await postFrom(page, request)).toMatchObject({
          status: 403,
          data: { code: 'TARGET_REFUSED' },
        });
      }
      expect(visitors).toBe(0);
    });

    test('gets no address of temp-mail', async () => {
      const answer = await page.evaluate(async url => {
        const { status } = await fetch(`${url}/api/new_address`, { method: 'POST', body: '{}' });
        return status;
      }, gateUrl());
      expect(answer).toBe(403);
    });

    test('hands in nothing by speaking to the SMTP port', async () => {
      await page.evaluate(
        smtp =>
          fetch(`http://${smtp}/`, {
            method: 'POST',
            mode: 'no-cors',
            body: 'EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n',
          }).catch(() => {}),
        gate.smtp,
      );
      await expectNothing();
    });
  });

  test('hands in nothing by a form that somebody sends off', async () => {
    const page = await browser.newPage();
    await page.goto(`http://evil.test:${site.port}/`);
    const [answer] = await Promise.all([page.waitForResponse(`${gate.http}/messages`), page.click('button')]);
    expect(answer.status()).toBe(401);
    expect(answer.request().postData()).toContain('"text":"="}');
    await page.close();
    await expectNothing();
  });

  async function expectNothing(): Promise<void> {
    const { messages } = await apiOf(gate, gate.adminToken).ask<{ messages: unknown[] }>(
      'GET',
      '/v1/messages?limit=1',
    );
    expect(messages).toEqual([]);
  }
});

test.runIf(isThere)(
  'the inbox of a development gate is a page to look at, and what curl may post shows up in it',
  async () => {
    const gate = await startGate();
    const page = await browser.newPage();
    const { status } = await apiOf(gate).call('POST', '/messages', {
      from: 'a@b.c',
      to: 'd@e.f',
      subject: 'Looked at',
    });
    expect(status).toBe(200);
    await page.goto(`${gate.http}/inbox`);
    await page.getByText('Looked at').first().waitFor();
    await page.close();
    await gate.stop();
  },
);
