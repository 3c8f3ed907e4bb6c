import { createTransport } from 'nodemailer';
import { apiOf } from '../../test/helpers/gates/api.ts';
import type { Person } from './people.ts';
import type { SeedMail, SubmitApi } from './seed-mail.ts';

/** A gate to submit mail to. */
export interface Target {
  readonly http: string;
  /** `HOST:PORT`. */
  readonly smtp: string;
  /** Keys by account. */
  readonly keys: Readonly<Record<string, string>>;
  /** Difference between its clock and ours, in ms. */
  readonly offsetMs: number;
}

/** Submits each message through its API. Resolves when all messages are accepted. */
export async function sendMail(target: Target, mail: readonly SeedMail[]): Promise<void> {
  await Promise.all(
    Object.entries(Object.groupBy(mail, ({ api }) => api)).map(([api, ofApi]) =>
      SENDERS[api as SubmitApi](target, ofApi),
    ),
  );
}

type Send = (target: Target, mail: readonly SeedMail[]) => Promise<void>;

const SENDERS: Readonly<Record<SubmitApi, Send>> = {
  async v1({ http, keys, offsetMs }, mail) {
    const byAccount = Object.groupBy(mail, ({ application }) => application.account);
    for (const [account, ofAccount] of Object.entries(byAccount))
      await apiOf({ http }, keys[account]).sendMany(
        (ofAccount ?? []).map(message => toV1(message, Date.now() + offsetMs)),
      );
  },
  async smtp({ smtp, keys }, mail) {
    const [host, port] = [smtp.slice(0, smtp.lastIndexOf(':')), Number(smtp.split(':').at(-1))];
    for (const message of mail) {
      const { account } = message.application;
      const auth = { user: account, pass: keys[account] ?? '' };
      const transport = createTransport({ host, port, secure: false, ignoreTLS: true, auth });
      await transport.sendMail(toNodemailer(message)).catch(error => {
        throw new Error(
          `SMTP at ${smtp}: ${error.message}. Pass the address of its SMTP listener: --smtp HOST:PORT.`,
        );
      });
      transport.close();
    }
  },
  async turbosmtp({ http, keys }, mail) {
    for (const message of mail) {
      const { account } = message.application;
      const credentials = {
        authuser: account,
        authpass: keys[account] ?? '',
        'content-type': 'application/json',
      };
      await post(http, '/api/v2/mail/send', toTurbosmtp(message), credentials);
    }
  },
  async powermta({ http, keys }, mail) {
    for (const message of mail)
      await post(http, '/messages', toPowermta(message), {
        authorization: `Bearer ${keys[message.application.account]}`,
      });
  },
};

async function post(
  http: string,
  path: string,
  body: object,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const { status, text } = await apiOf({ http }).call('POST', path, body, headers);
  if (status >= 300) throw new Error(`POST ${path} answered ${status}: ${text}`);
}

const mailbox = ({ name, address }: Person) => ({ name, address });
const listOf = (people: readonly Person[]) =>
  people.map(({ name, address }) => `${name} <${address}>`).join(',');

function toV1({ application, attachments, sendInMs, expireInMs, api: _, ...same }: SeedMail, now: number) {
  return {
    ...same,
    ...{ from: application.from, to: same.to.map(mailbox), cc: same.cc.map(mailbox) },
    attachments: attachments.map(({ content, ...file }) => ({
      ...file,
      content: content.toString('base64'),
    })),
    ...(sendInMs !== undefined && { sendAt: new Date(now + sendInMs).toISOString() }),
    ...(expireInMs !== undefined && { expiresAt: new Date(now + expireInMs).toISOString() }),
  };
}

function toNodemailer({ application, to, cc, subject, text, attachments }: SeedMail) {
  return {
    ...{ from: application.from, to: to.map(mailbox), cc: cc.map(mailbox), subject, text },
    attachments: [...attachments],
  };
}

function toTurbosmtp({ application, to, subject, text, html, metadata }: SeedMail) {
  return {
    ...{ from: application.from, to: listOf(to), subject, content: text },
    ...(html !== undefined && { html_content: html }),
    ...{ reference_id: metadata['referenceId'], 'X-campaign-ID': metadata['campaignId'] },
  };
}

function toPowermta({ application, to, subject, text }: SeedMail) {
  return { from: application.from, to: to.map(mailbox), subject, text };
}
