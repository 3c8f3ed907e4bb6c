import { formatReplyLine, type Reply, type Transmission } from '../core/outcome.ts';
import { adaptToServer, type Mail, type ToSevenBit } from './adapt-to-server.ts';
import { endOfData } from './dot-stuffing.ts';
import type { OpenSession } from './open-session.ts';
import { mailCommand, rcptCommand } from './write-command.ts';

/** A message in the pool. */
export interface Job {
  readonly mail: Mail;
  readonly beforeDot: (refused: readonly (Reply | undefined)[]) => void | Promise<void>;
  readonly onReply: (reply: Reply) => void;
  readonly signal: AbortSignal;
  readonly resolve: (transmission: Transmission) => void;
  readonly reject: (error: unknown) => void;
  /** A lost connection has already given it back once. */
  wasGivenBack: boolean;
}

/** The command whose reply comes next. `body`: no reply is expected while the message is sent. */
type Stage = 'mail' | 'rcpt' | 'data' | 'body' | 'dot';

/** A mail transaction (RFC 5321). It can have its result before all replies to its pipelined commands were read. */
export interface Transaction {
  readonly job: Job;
  /** The message in the form for this server, and the end of its DATA. */
  readonly mime: Buffer;
  readonly endOfData: string;
  readonly converted: boolean;
  /** MAIL, one RCPT for each recipient, DATA. */
  readonly commands: readonly string[];
  readonly remote: string;
  stage: Stage;
  /** MAIL was accepted: the server keeps a transaction until the dot or RSET. */
  isOpenOnServer: boolean;
  /** Replies to RCPT so far. */
  readonly recipients: Reply[];
  acceptedCount: number;
  /** The result was reported. */
  isSettled: boolean;
}

/**
 * The next step after a reply. `continue`: wait for the next reply, and without pipelining send the next command first.
 * `reset`: the transaction has ended, but the server still keeps it. `broken`: the connection cannot be used further.
 */
export type Step = 'continue' | 'body' | 'lone dot' | 'ended' | 'reset' | 'broken';

const CLOSING = 421;

/**
 * Creates the transaction of a message on a session. Undefined when this server can never accept the message, or when the
 * message would break the protocol. The job has its result then.
 */
export function openTransaction(
  job: Job,
  session: OpenSession,
  toSevenBit: ToSevenBit,
): Transaction | undefined {
  const { envelope } = job.mail;
  const { remote } = session;
  try {
    const adapted = adaptToServer(job.mail, session.capabilities, toSevenBit);
    if (!adapted.ok) {
      job.resolve({ phase: 'mail', refusal: adapted.refusal, recipients: [], remote });
      return undefined;
    }
    const { mime, parameters, converted } = adapted;
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
      isOpenOnServer: false,
      recipients: [],
      acceptedCount: 0,
      isSettled: false,
    };
  } catch (bug) {
    job.reject(bug);
    return undefined;
  }
}

/** Returns the next command of a client without pipelining. */
export function nextCommand({ stage, commands, recipients }: Transaction): string {
  const index = stage === 'mail' ? 0 : stage === 'rcpt' ? 1 + recipients.length : commands.length - 1;
  return commands[index] ?? '';
}

/** Handles the reply that the transaction waits for. With `isPipelined`, all commands were sent at once. */
export function handleReply(transaction: Transaction, reply: Reply, isPipelined: boolean): Step {
  // RFC 5321 3.8: the server closes the connection, whatever the command was.
  if (reply.code === CLOSING) return breakOff(transaction, { reply });
  switch (transaction.stage) {
    case 'mail':
      return afterMail(transaction, reply, isPipelined);
    case 'rcpt':
      return afterRcpt(transaction, reply, isPipelined);
    case 'data':
      return afterData(transaction, reply);
    case 'body':
      // RFC 5321 does not describe a refusal before the end of the message, but servers send one.
      return breakOff(transaction, isRefusal(reply) ? { reply } : { error: unexpected(reply) });
    case 'dot':
      return afterDot(transaction, reply);
  }
}

/** Ends the transaction without a reply: the connection is lost, too slow, or not SMTP. */
export function failTransaction(transaction: Transaction, error: string): void {
  settle(transaction, { phase: transaction.stage, error });
}

/** Ends the transaction because `beforeDot` did not permit the dot. */
export function rejectTransaction(transaction: Transaction, error: unknown): void {
  if (transaction.isSettled) return;
  transaction.isSettled = true;
  transaction.job.reject(error);
}

/** Returns the refused recipients by index, for `beforeDot`. */
export function refusedRecipients({
  recipients,
  acceptedCount,
}: Transaction): readonly (Reply | undefined)[] {
  if (acceptedCount === recipients.length) return [];
  return recipients.map(reply => (isPositive(reply) ? undefined : reply));
}

function afterMail(transaction: Transaction, reply: Reply, isPipelined: boolean): Step {
  transaction.stage = 'rcpt';
  transaction.isOpenOnServer = isPositive(reply);
  if (transaction.isOpenOnServer) return 'continue';
  if (!isRefusal(reply)) return failProtocol(transaction, 'mail', reply);
  settle(transaction, { phase: 'mail', reply });
  return isPipelined ? 'continue' : 'ended';
}

function afterRcpt(transaction: Transaction, reply: Reply, isPipelined: boolean): Step {
  const { recipients } = transaction;
  if (!isPositive(reply) && !isRefusal(reply)) return failProtocol(transaction, 'rcpt', reply);
  recipients.push(reply);
  if (isPositive(reply)) transaction.acceptedCount++;
  const count = transaction.job.mail.envelope.recipients.length;
  // RFC 5321 4.5.3.1.10: after "too many recipients", a client that sends one RCPT at a time need not send the others.
  if (!isPipelined && isTooManyRecipients(reply) && transaction.acceptedCount > 0) {
    while (recipients.length < count) recipients.push(reply);
  }
  if (recipients.length < count) return 'continue';
  transaction.stage = 'data';
  if (transaction.acceptedCount > 0) return 'continue';
  settle(transaction, { phase: 'rcpt', reply });
  return isPipelined ? 'continue' : 'reset';
}

function afterData(transaction: Transaction, reply: Reply): Step {
  if (isRefusal(reply)) {
    settle(transaction, { phase: 'data', reply });
    return transaction.isOpenOnServer ? 'reset' : 'ended';
  }
  if (reply.code !== 354) return failProtocol(transaction, 'data', reply);
  if (!transaction.isSettled) {
    transaction.stage = 'body';
    return 'body';
  }
  // RFC 2920 3.1: the server may accept DATA without recipients. An empty message must not be sent to a recipient.
  if (transaction.acceptedCount > 0) return 'broken';
  transaction.stage = 'dot';
  return 'lone dot';
}

function afterDot(transaction: Transaction, reply: Reply): Step {
  if (!isPositive(reply) && !isRefusal(reply)) return failProtocol(transaction, 'dot', reply);
  settle(transaction, { phase: 'done', reply });
  return 'ended';
}

function breakOff(transaction: Transaction, facts: { reply: Reply } | { error: string }): Step {
  const phase = transaction.stage === 'dot' && 'reply' in facts ? 'done' : transaction.stage;
  settle(transaction, { phase, ...facts });
  return 'broken';
}

function failProtocol(transaction: Transaction, phase: Stage, reply: Reply): Step {
  settle(transaction, { phase, error: unexpected(reply) });
  return 'broken';
}

function settle(transaction: Transaction, facts: Omit<Transmission, 'recipients'>): void {
  if (transaction.isSettled) return;
  transaction.isSettled = true;
  const { job, recipients, remote, converted } = transaction;
  // Called now and not later: the next dot can be written before the caller continues.
  if (facts.phase === 'done' && facts.reply !== undefined) job.onReply(facts.reply);
  // A settled transaction still reads replies to pipelined commands. They must not change its result.
  const seen = facts.phase === 'mail' ? [] : recipients;
  job.resolve(
    converted ? { ...facts, recipients: seen, remote, converted } : { ...facts, recipients: seen, remote },
  );
}

function unexpected(reply: Reply): string {
  return `protocol error: unexpected reply ${formatReplyLine(reply)}`;
}

function isPositive({ code }: Reply): boolean {
  return code >= 200 && code < 300;
}

function isRefusal({ code }: Reply): boolean {
  return code >= 400;
}

/** 452 is also the code for a full disk or mailbox. Only 4.5.3 means too many recipients. */
function isTooManyRecipients({ code, enhanced }: Reply): boolean {
  return code === 452 && enhanced === '4.5.3';
}
