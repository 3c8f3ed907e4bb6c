import PostalMime from 'postal-mime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CURL_DIALECTS, type CurlDialect, curlFor } from '../../../dashboard/src/pages/curl.ts';
import { apiOf, type Story } from '../../helpers/gates/api.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram } from '../../helpers/programs/program.ts';

/** Characters that are special for a shell or for curl. They must arrive unchanged. */
const HOSTILE = `It's "5 €" \`id\` $HOME $(id) \\ & @file 100%`;
const TEXT = `@Dear 'Ada',\n\nthe total is $5 — "thanks".\n.\n<b>not bold</b>`;

describe.runIf(needs('the curl commands of the dashboard', 'curl'))('the curl command for', () => {
  let gate: RunningGate;
  let sink: SmtpSink;
  let env: Record<string, string>;
  beforeAll(async () => {
    sink = await startSmtpSink({ users: { 'shop@example.com': 'secret' } });
    gate = await startGate();
    const body = { name: 'curl', domain: gate.tempMail.domains[0] };
    const { jwt } = await apiOf(gate, gate.adminToken).ask<{ jwt: string }>('POST', '/v1/addresses', body);
    env = { POSTERN_KEY: gate.key, TEMP_MAIL_JWT: jwt, SMTP_PASSWORD: 'secret' };
  });
  afterAll(async () => {
    await gate?.stop();
    await sink?.close();
  });

  test.each(CURL_DIALECTS)('%s sends the message', async dialect => {
    const subject = `${dialect}: ${HOSTILE}`;
    const command = atOurSink(dialect, commandFor(dialect, subject));
    const { code, stdout, stderr } = await runProgram(
      'bash',
      ['-c', `set -u\n${command} -sS --fail-with-body`],
      {
        env,
      },
    );
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    const sent = dialect === 'smtp-mailer' ? await fromSink() : await fromInbox(subject);
    expect(sent).toEqual({ to: ['ada@example.net'], text: TEXT });
  });

  function commandFor(dialect: CurlDialect, subject: string): string {
    const from = 'Shop <shop@example.com>';
    const people = { from, to: 'Ada <ada@example.net>', cc: '', replyTo: '' };
    const parts = { ...people, subject, text: TEXT, headers: [], hasHtml: false, attachments: [] };
    return curlFor(dialect, parts, gate.http);
  }

  /** The command for SMTP Mailer names an example server: puts our sink in its place. */
  function atOurSink(dialect: CurlDialect, command: string): string {
    if (dialect !== 'smtp-mailer') return command;
    return command
      .replace('server: mail.example.com', `server: ${sink.host}`)
      .replace('587', String(sink.port));
  }

  async function fromInbox(subject: string): Promise<object> {
    const api = apiOf(gate, gate.key);
    const id = await until(async () => {
      const { messages } = await api.ask<{ messages: Story[] }>('GET', '/inbox');
      return messages.find(message => message.subject === subject)?.id;
    }, `${subject} to be in the inbox`);
    const { recipients } = await api.story(id);
    const { text } = await api.ask<{ text: string }>('GET', `/v1/messages/${id}/parts`);
    return { to: recipients.map(({ address }) => address), text: tidy(text) };
  }

  async function fromSink(): Promise<object> {
    const message = await sink.until(() => sink.messages[0]);
    const { text = '' } = await PostalMime.parse(message.bytes);
    return { to: message.recipients, text: tidy(text) };
  }
});

function tidy(text: string): string {
  return text.replaceAll('\r\n', '\n').trimEnd();
}
