import { onTestFinished } from 'vitest';
import type { SmtpMail, SmtpSender } from '../../../src/operations/smtp-sender.ts';
import {
  createSmtpServer,
  type SmtpServer,
  type SmtpServerOptions,
} from '../../../src/smtp-server/smtp-server.ts';
import { type SmtpSpeaker, speakTo } from './smtp-speaker.ts';

/** The SMTP front end alone, with a scripted sender behind it. */
export interface SmtpFront {
  readonly server: SmtpServer;
  /** Of each listener, in their order. */
  readonly ports: readonly number[];
  /** What was submitted. */
  readonly mails: SmtpMail[];
  /** Errors and warnings that it logged. */
  readonly logged: string[];
  /** A client that has read the greeting; it is cut at the end of the test. */
  greet(listener?: number): Promise<SmtpSpeaker>;
  /** The same, having said EHLO and logged in. */
  enter(): Promise<SmtpSpeaker>;
}

export type FrontOptions = Partial<SmtpServerOptions> & { readonly sender?: Partial<SmtpSender> };

/** AUTH PLAIN of `user` with the password `right`. */
export const GOOD_AUTH = `AUTH PLAIN ${plain('user', 'right')}`;

/** The initial response of PLAIN. */
export function plain(user: string, password: string, actsFor = ''): string {
  return Buffer.from(`${actsFor}\0${user}\0${password}`).toString('base64');
}

/** Starts a front end on a free port; it is closed at the end of the test. */
export async function startFront({ sender, ...options }: FrontOptions = {}): Promise<SmtpFront> {
  const mails: SmtpMail[] = [];
  const logged: string[] = [];
  const note = (facts: object, message: string) => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const who: SmtpSender = {
    name: 'user',
    checkSender: () => {},
    checkRecipient: () => {},
    async submit(mail) {
      mails.push(mail);
      const id = `message-${mails.length}`;
      return { id, messageIdHeader: `<${id}@test>`, replayed: false, recipients: [] };
    },
    ...sender,
  };
  const server = createSmtpServer({
    listeners: [{ host: '127.0.0.1', port: 0, isImplicitTls: false }],
    hostName: 'gate.test',
    maxMessageBytes: 33_554_432,
    maxRecipients: 1_000,
    maxConnections: 100,
    maxConnectionsPerAddress: 100,
    allowAuthInClear: true,
    logIn: async ({ password }) => (password === 'right' ? who : undefined),
    now: () => Date.UTC(2026, 10, 21, 12),
    log: { warn: note, error: note },
    ...options,
  });
  const ports = (await server.listen()).map(({ port }) => port);
  const speakers: SmtpSpeaker[] = [];
  onTestFinished(async () => {
    for (const speaker of speakers) speaker.cut();
    await server.close(0);
  });

  async function greet(listener = 0): Promise<SmtpSpeaker> {
    const speaker = await speakTo({ port: ports[listener] ?? 0 });
    speakers.push(speaker);
    await speaker.reply();
    return speaker;
  }

  return {
    ...{ server, ports, mails, logged, greet },
    async enter() {
      const speaker = await greet();
      await speaker.ask('EHLO client.test');
      const answer = await speaker.ask(GOOD_AUTH);
      if (!answer.startsWith('235')) throw new Error(answer);
      return speaker;
    },
  };
}

/** Hands in a message: the reply to its end, or to DATA where it came no further. */
export async function hand(
  speaker: SmtpSpeaker,
  data: string | Buffer,
  recipients: readonly string[] = ['to@rcpt.test'],
  sender = 'from@sender.test',
): Promise<string> {
  await speaker.ask(`MAIL FROM:<${sender}>`);
  for (const recipient of recipients) await speaker.ask(`RCPT TO:<${recipient}>`);
  const go = await speaker.ask('DATA');
  if (!go.startsWith('354')) return go;
  speaker.say(data);
  return speaker.reply();
}
