import { type SmtpSink, startSmtpSink } from '../mail-servers/smtp-sink.ts';

/** A transaction of a message that came whole, by the monotonic clock in ms. */
export interface Transaction {
  /** The subject. */
  readonly name: string;
  /** From its MAIL until its dot was answered. */
  readonly from: number;
  readonly to: number;
}

/** An SMTP server that takes its time with every dot, and remembers when it had which message. */
export interface FarEnd {
  readonly sink: SmtpSink;
  /** In the order of their dots. */
  readonly transactions: readonly Transaction[];
  /** How many connections are open. */
  connections(): number;
  /** The most that were open at once. */
  mostConnections(): number;
}

const SUBJECT = /^Subject: (\S+)/m;

export async function startFarEnd(options: { readonly dotMs: number }): Promise<FarEnd> {
  const begun = new Map<number, number>();
  const transactions: Transaction[] = [];
  let most = 0;
  const connections = () => sink.sessions.filter(session => !session.isClosed).length;
  const sink = await startSmtpSink({
    async answer({ stage, session }) {
      most = Math.max(most, connections());
      if (stage === 'mail') begun.set(session, performance.now());
      if (stage !== 'dot') return undefined;
      const bytes = sink.messages.findLast(message => message.session === session)?.bytes;
      const name = SUBJECT.exec(bytes?.toString('latin1') ?? '')?.[1] ?? '';
      const from = begun.get(session) ?? 0;
      transactions.push({ name, from, to: performance.now() + options.dotMs });
      await new Promise(resolve => setTimeout(resolve, options.dotMs));
      return undefined;
    },
  });
  return {
    sink,
    transactions,
    connections,
    mostConnections: () => most,
  };
}
