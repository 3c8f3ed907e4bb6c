import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SinkAnswer, SinkFault, SinkMessage, SinkOptions, SinkStage } from './smtp-sink.ts';

/** One connection to the sink, as it went. */
export interface SinkSession {
  /** Command lines and, for each message, `.`, in the order of reading. */
  readonly commands: readonly string[];
  /** What came, decrypted, one Buffer for each read. */
  readonly reads: readonly Buffer[];
  isSecure: boolean;
  /** Who authenticated. */
  user: string | undefined;
  isClosed: boolean;
}

export interface SessionContext {
  readonly options: SinkOptions;
  /** From 1. */
  readonly number: number;
  /** Where messages go. */
  readonly messages: SinkMessage[];
  readonly onChange: () => void;
}

const CAPABILITIES = ['PIPELINING', 'SIZE 52428800', '8BITMIME', 'SMTPUTF8', 'ENHANCEDSTATUSCODES'];
const MECHANISMS = ['PLAIN', 'LOGIN', 'XOAUTH2'];

interface State extends SinkSession {
  readonly context: SessionContext;
  /** The TCP socket, below TLS. */
  readonly tcp: Socket;
  readonly commands: string[];
  readonly reads: Buffer[];
  socket: Socket;
  /** Read and not yet understood. */
  input: Buffer;
  /** Octets of it that hold no end of a message. */
  searched: number;
  isBusy: boolean;
  isDeaf: boolean;
  /** What the next line is for, when it is not a command. */
  onLine: ((line: string) => Promise<void>) | undefined;
  mode: 'commands' | 'first body' | 'body';
  /** MAIL was taken. */
  hasSender: boolean;
  sender: string;
  parameters: readonly string[];
  recipients: string[];
  /** Counters for SinkStep. */
  mails: number;
  rcpts: number;
}

/** Speaks with one client until the connection ends. */
export function serveSession(socket: Socket, context: SessionContext): SinkSession {
  const state: State = {
    context,
    commands: [],
    reads: [],
    isSecure: false,
    user: undefined,
    isClosed: false,
    tcp: socket,
    socket,
    input: Buffer.alloc(0),
    searched: 0,
    isBusy: false,
    isDeaf: false,
    onLine: undefined,
    mode: 'commands',
    hasSender: false,
    sender: '',
    parameters: [],
    recipients: [],
    mails: 0,
    rcpts: 0,
  };
  socket.once('close', () => {
    state.isClosed = true;
    context.onChange();
  });
  const { tls } = context.options;
  if (tls?.mode === 'implicit') secure(state);
  else listen(state);
  greet(state);
  return state;
}

async function greet(state: State): Promise<void> {
  state.isBusy = true;
  await answer(state, 'connect', '', '220 sink.test ESMTP');
  state.isBusy = false;
  await work(state);
}

function listen(state: State): void {
  state.socket.on('data', chunk => {
    state.reads.push(chunk);
    if (!state.isDeaf) state.input = Buffer.concat([state.input, chunk]);
    state.context.onChange();
    work(state);
  });
}

function secure(state: State): void {
  const { tls } = state.context.options;
  if (tls === undefined) return;
  state.socket.removeAllListeners('data');
  state.input = Buffer.alloc(0);
  state.socket = new TLSSocket(state.socket, { isServer: true, ...tls.certificate });
  state.socket.on('error', () => {});
  state.isSecure = true;
  listen(state);
}

/** Takes what was read piece by piece; a piece is answered before the next is looked at. */
async function work(state: State): Promise<void> {
  if (state.isBusy) return;
  state.isBusy = true;
  for (let take = nextPiece(state); take !== undefined && !state.isDeaf; take = nextPiece(state)) {
    await take();
    state.context.onChange();
  }
  state.isBusy = false;
  state.context.onChange();
}

function nextPiece(state: State): (() => Promise<unknown>) | undefined {
  if (state.mode === 'first body' && state.input.length > 0) {
    state.mode = 'body';
    return () => answer(state, 'body', '', undefined);
  }
  if (state.mode !== 'commands') return nextMessage(state);
  const end = state.input.indexOf('\r\n');
  if (end < 0) return undefined;
  const line = state.input.toString('utf8', 0, end);
  state.input = state.input.subarray(end + 2);
  const { onLine } = state;
  state.onLine = undefined;
  if (onLine !== undefined) return () => onLine(line);
  state.commands.push(line);
  state.context.onChange();
  return () => obey(state, line);
}

/** RFC 5321 4.5.2: a dot alone on a line ends it, and other leading dots go. */
function nextMessage(state: State): (() => Promise<void>) | undefined {
  const { input } = state;
  const isEmpty = input.indexOf('.\r\n') === 0;
  const end = isEmpty ? -2 : input.indexOf('\r\n.\r\n', Math.max(0, state.searched - 4));
  state.searched = input.length;
  if (end < 0 && !isEmpty) return undefined;
  state.searched = 0;
  state.input = input.subarray(end + 5);
  state.mode = 'commands';
  state.commands.push('.');
  const stuffed = input.toString('latin1', 0, end + 2);
  const bytes = Buffer.from(stuffed.replace(/(^|\n)\./g, '$1'), 'latin1');
  return () => takeMessage(state, bytes);
}

async function takeMessage(state: State, bytes: Buffer): Promise<void> {
  const { sender, parameters, recipients, context } = state;
  const message: SinkMessage = {
    ...{ session: context.number, sender, parameters, recipients, bytes },
    reply: undefined,
  };
  state.hasSender = false;
  state.recipients = [];
  context.messages.push(message);
  context.onChange();
  message.reply = await answer(state, 'dot', '', '250 2.0.0 taken');
}

async function obey(state: State, line: string): Promise<void> {
  const verb = line.toUpperCase().split(/[ :]/)[0];
  const { options } = state.context;
  switch (verb) {
    case 'EHLO':
    case 'HELO':
      await answer(state, 'ehlo', line, verb === 'HELO' ? '250 sink.test' : offers(state));
      break;
    case 'STARTTLS':
      if (accepts(await answer(state, 'starttls', line, options.tls ? '220 2.0.0 go' : '502 5.5.1 no'))) {
        secure(state);
      }
      break;
    case 'AUTH':
      await authenticate(state, line);
      break;
    case 'MAIL':
      await mail(state, line);
      break;
    case 'RCPT':
      await rcpt(state, line);
      break;
    case 'DATA': {
      const usual = state.recipients.length > 0 ? '354 go on' : '554 5.5.1 no valid recipients';
      if ((await answer(state, 'data', line, usual))?.startsWith('354')) state.mode = 'first body';
      break;
    }
    case 'RSET':
      state.hasSender = false;
      state.recipients = [];
      await answer(state, 'rset', line, '250 2.0.0 reset');
      break;
    case 'NOOP':
      await answer(state, 'noop', line, '250 2.0.0 ok');
      break;
    case 'QUIT':
      await answer(state, 'quit', line, '221 2.0.0 bye');
      state.socket.end();
      break;
    default:
      await answer(state, 'unknown', line, '500 5.5.2 what?');
  }
}

function offers({ context, isSecure }: State): string {
  const { capabilities = CAPABILITIES, tls, users, mechanisms = MECHANISMS } = context.options;
  const all = [
    'sink.test greets you',
    ...capabilities,
    ...(tls?.mode === 'starttls' && !isSecure ? ['STARTTLS'] : []),
    ...(users === undefined ? [] : [`AUTH ${mechanisms.join(' ')}`]),
  ];
  return all.map((line, i) => `250${i < all.length - 1 ? '-' : ' '}${line}`).join('\n');
}

async function mail(state: State, line: string): Promise<void> {
  const found = /^MAIL FROM:<([^>]*)>(.*)$/i.exec(line);
  state.mails++;
  state.rcpts = 0;
  state.sender = found?.[1] ?? '';
  state.parameters = (found?.[2] ?? '').split(' ').filter(Boolean);
  state.recipients = [];
  const mayNot = state.context.options.users !== undefined && state.user === undefined;
  const usual = mayNot ? '530 5.7.0 who are you?' : found ? '250 2.1.0 ok' : '501 5.5.4 what?';
  state.hasSender = accepts(await answer(state, 'mail', line, usual));
}

async function rcpt(state: State, line: string): Promise<void> {
  const found = /^RCPT TO:<([^>]+)>/i.exec(line);
  state.rcpts++;
  const usual = !state.hasSender ? '503 5.5.1 who from?' : found ? '250 2.1.5 ok' : '501 5.5.4 what?';
  const reply = await answer(state, 'rcpt', line, usual);
  if (accepts(reply)) state.recipients.push(found?.[1] ?? '');
}

/** RFC 4954, for the mechanisms a client of ours knows. */
async function authenticate(state: State, line: string): Promise<void> {
  const [, mechanism = '', initial] = line.split(' ');
  const decode = (text: string): string => Buffer.from(text, 'base64').toString();
  const decide = async (user: string, secret: string): Promise<void> => {
    const isKnown = state.context.options.users?.[user] === secret;
    const usual = isKnown ? '235 2.7.0 welcome' : '535 5.7.8 credentials are wrong';
    if (accepts(await answer(state, 'auth', line, usual))) state.user = user;
  };
  const take = (response: string): Promise<void> => {
    const text = decode(response);
    const [, user = '', token = ''] = /^user=(.*?)\u0001auth=Bearer (.*?)\u0001\u0001$/.exec(text) ?? [];
    if (mechanism.toUpperCase() === 'XOAUTH2') return decide(user, token);
    const [, name = '', password = ''] = text.split('\u0000');
    return decide(name, password);
  };
  const ask = (prompt: string, then: (line: string) => Promise<void>): void => {
    state.socket.write(`334 ${prompt}\r\n`);
    state.onLine = then;
  };
  if (mechanism.toUpperCase() === 'LOGIN') {
    ask('VXNlcm5hbWU6', async user => {
      ask('UGFzc3dvcmQ6', password => decide(decode(user), decode(password)));
    });
  } else if (initial !== undefined) await take(initial);
  else ask('', take);
}

function accepts(reply: string | undefined): boolean {
  return reply?.startsWith('2') ?? false;
}

/** Says what the script or a well-behaved server says; resolves with the reply, or undefined after a fault. */
async function answer(
  state: State,
  stage: SinkStage,
  line: string,
  usual: string | undefined,
): Promise<string | undefined> {
  const { options, number } = state.context;
  const step = { stage, line, session: number, message: state.mails, recipient: state.rcpts };
  const scripted: SinkAnswer | undefined = await options.answer?.(step);
  if (typeof scripted === 'object') {
    misbehave(state, scripted);
    return undefined;
  }
  const reply = scripted ?? usual;
  if (reply !== undefined) state.socket.write(`${reply.replaceAll('\n', '\r\n')}\r\n`);
  return reply;
}

const DRIP_MS = 5;

function misbehave(state: State, { fault, reply }: SinkFault): void {
  const { socket } = state;
  state.isDeaf = true;
  if (reply !== undefined) socket.write(`${reply.replaceAll('\n', '\r\n')}\r\n`);
  if (fault === 'close') socket.end();
  if (fault === 'reset') state.tcp.resetAndDestroy();
  if (fault === 'stall') socket.pause();
  if (fault === 'garbage') socket.write(Buffer.from('\u0000\u00ff this is not SMTP\r\n', 'latin1'));
  if (fault === 'drip') {
    const drip = setInterval(() => socket.write('250-'), DRIP_MS);
    socket.once('close', () => clearInterval(drip));
  }
}
