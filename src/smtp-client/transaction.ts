import { type Reply, sayReply, type Transmission } from '../core/outcome.ts';
import { fitMail, type Mail, type ToSevenBit } from './adapt-to-server.ts';
import { endOfData } from './dot-stuffing.ts';
import type { OpenSession } from './open-session.ts';
import { mailCommand, rcptCommand } from './write-command.ts';

/** A message on its way through the pool. */
export interface Job {
  readonly mail: Mail;
  readonly beforeDot: (refused: readonly (Reply | undefined)[]) => void | Promise<void>;
  readonly onReply: (reply: Reply) => void;
  readonly signal: AbortSignal;
  readonly resolve: (transmission: Transmission) => void;
  readonly reject: (error: unknown) => void;
  /** It was given back once already by a connection that died before it could be accepted. */
  wasGivenBack: boolean;
}

/** What the next reply is to; `body`: to nothing, as the message is being handed over. */
type Stage = 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/** One SMTP mail transaction. It outlives its own result when replies to pipelined commands are still to come. */
export interface Transaction {
  readonly job: Job;
  /** The message as it suits this server, and what ends it on the wire. */
  readonly mime: Buffer;
  readonly endOfData: string;
  readonly converted: boolean;
  /** MAIL, one RCPT for each recipient, DATA. */
  readonly commands: readonly string[];
  readonly remote: string;
  stage: Stage;
  /** MAIL was accepted, so the server holds a transaction until the dot or RSET. */
  isBegun: boolean;
  /** Replies to RCPT so far. */
  readonly recipients: Reply[];
  taken: number;
  /** The job has its result. */
  isSettled: boolean;
}

/**
 * What a reply leads to. `go on`: to the next one (a serial client says the next command first); `reset`: it is over,
 * but the server still holds the transaction; `broken`: nothing more can be said on this connection.
 */
export type Step = 'go on' | 'body' | 'lone dot' | 'over' | 'reset' | 'broken';

const CLOSING = 421;

/**
 * A transaction for a message on a session; undefined when the message cannot go to this server at all or would break
 * the protocol, which its sender has then been told.
 */
export function openTransaction(
  job: Job,
  session: OpenSession,
  toSevenBit: ToSevenBit,
): Transaction | undefined {
  const { envelope } = job.mail;
  const { remote } = session;
  try {
    const fitted = fitMail(job.mail, session.capabilities, toSevenBit);
    if (!fitted.ok) {
      job.resolve({ phase: 'mail', refusal: fitted.refusal, recipients: [], remote });
      return undefined;
    }
    const { mime, parameters, converted } = fitted;
    const commands = [
      mailCommand(envelope.sender, parameters),
      ...envelope.recipients.map(rcptCommand),
      'DATA\r\n',
    ];
    return {
      job,
      mime,
      endOfData: endOfData(mime),
      converted,
      commands,
      remote,
      stage: 'mail',
      isBegun: false,
      recipients: [],
      taken: 0,
      isSettled: false,
    };
  } catch (bug) {
    job.reject(bug);
    return undefined;
  }
}

/** What a serial client says now. */
export function nextCommand({ stage, commands, recipients }: Transaction): string {
  const index = stage === 'mail' ? 0 : stage === 'rcpt' ? 1 + recipients.length : commands.length - 1;
  return commands[index] ?? '';
}

/** Takes the reply to what the transaction waits for. All commands were sent at once when `isPipelined`. */
export function takeReply(transaction: Transaction, reply: Reply, isPipelined: boolean): Step {
  // RFC 5321 3.8: the server closes, whatever it was asked.
  if (reply.code === CLOSING) return giveUp(transaction, { reply });
  switch (transaction.stage) {
    case 'mail':
      return afterMail(transaction, reply, isPipelined);
    case 'rcpt':
      return afterRcpt(transaction, reply, isPipelined);
    case 'data':
      return afterData(transaction, reply);
    case 'body':
      // RFC 5321 does not foresee it, but a refusal before the end of the message is one.
      return giveUp(transaction, isRefusal(reply) ? { reply } : { error: unexpected(reply) });
    case 'dot':
      return afterDot(transaction, reply);
  }
}

/** Ends it without a reply: the connection is gone, too slow, or talks nonsense. */
export function loseTransaction(transaction: Transaction, error: string): void {
  settle(transaction, { phase: transaction.stage, error });
}

/** Ends it because its sender forbade the dot. */
export function rejectTransaction(transaction: Transaction, error: unknown): void {
  if (transaction.isSettled) return;
  transaction.isSettled = true;
  transaction.job.reject(error);
}

/** The refused recipients by index: what `beforeDot` is told. */
export function refusedRecipients({ recipients, taken }: Transaction): readonly (Reply | undefined)[] {
  if (taken === recipients.length) return [];
  return recipients.map(reply => (isPositive(reply) ? undefined : reply));
}

function afterMail(transaction: Transaction, reply: Reply, isPipelined: boolean): Step {
  transaction.stage = 'rcpt';
  transaction.isBegun = isPositive(reply);
  if (transaction.isBegun) return 'go on';
  if (!isRefusal(reply)) return nonsense(transaction, 'mail', reply);
  settle(transaction, { phase: 'mail', reply });
  return isPipelined ? 'go on' : 'over';
}

function afterRcpt(transaction: Transaction, reply: Reply, isPipelined: boolean): Step {
  const { recipients } = transaction;
  if (!isPositive(reply) && !isRefusal(reply)) return nonsense(transaction, 'rcpt', reply);
  recipients.push(reply);
  if (isPositive(reply)) transaction.taken++;
  const count = transaction.job.mail.envelope.recipients.length;
  // RFC 5321 4.5.3.1.10: who is asked one by one and hears "too many" need not ask for the rest.
  if (!isPipelined && isTooMany(reply) && transaction.taken > 0) {
    while (recipients.length < count) recipients.push(reply);
  }
  if (recipients.length < count) return 'go on';
  transaction.stage = 'data';
  if (transaction.taken > 0) return 'go on';
  settle(transaction, { phase: 'rcpt', reply });
  return isPipelined ? 'go on' : 'reset';
}

function afterData(transaction: Transaction, reply: Reply): Step {
  if (isRefusal(reply)) {
    settle(transaction, { phase: 'data', reply });
    return transaction.isBegun ? 'reset' : 'over';
  }
  if (reply.code !== 354) return nonsense(transaction, 'data', reply);
  if (!transaction.isSettled) {
    transaction.stage = 'body';
    return 'body';
  }
  // RFC 2920 3.1: DATA may be taken although nobody is to get it; but never send an empty message to somebody.
  if (transaction.taken > 0) return 'broken';
  transaction.stage = 'dot';
  return 'lone dot';
}

function afterDot(transaction: Transaction, reply: Reply): Step {
  if (!isPositive(reply) && !isRefusal(reply)) return nonsense(transaction, 'dot', reply);
  settle(transaction, { phase: 'done', reply });
  return 'over';
}

function giveUp(transaction: Transaction, facts: { reply: Reply } | { error: string }): Step {
  const phase = transaction.stage === 'dot' && 'reply' in facts ? 'done' : transaction.stage;
  settle(transaction, { phase, ...facts });
  return 'broken';
}

function nonsense(transaction: Transaction, phase: Stage, reply: Reply): Step {
  settle(transaction, { phase, error: unexpected(reply) });
  return 'broken';
}

function settle(transaction: Transaction, facts: Omit<Transmission, 'recipients'>): void {
  if (transaction.isSettled) return;
  transaction.isSettled = true;
  const { job, recipients, remote, converted } = transaction;
  // Now, not when its sender goes on: the next dot may be written before that.
  if (facts.phase === 'done' && facts.reply !== undefined) job.onReply(facts.reply);
  // A husk still takes replies to what was pipelined; the result must not change with them.
  const seen = facts.phase === 'mail' ? [] : recipients;
  job.resolve(
    converted ? { ...facts, recipients: seen, remote, converted } : { ...facts, recipients: seen, remote },
  );
}

function unexpected(reply: Reply): string {
  return `protocol error: unexpected reply ${sayReply(reply)}`;
}

function isPositive({ code }: Reply): boolean {
  return code >= 200 && code < 300;
}

function isRefusal({ code }: Reply): boolean {
  return code >= 400;
}

/** 452 is also the code for a full disk or mailbox: only 4.5.3 says that there are too many. */
function isTooMany({ code, enhanced }: Reply): boolean {
  return code === 452 && enhanced === '4.5.3';
}
