import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WAIT_MS } from '../programs/patience.ts';

/** A client that says exactly what it is told to, octet by octet. */
export interface SmtpSpeaker {
  /** Text goes as UTF-8, without anything added. */
  say(octets: string | Buffer): void;
  /** The next whole reply, its lines joined by \n; `closed` when there is none to come. */
  reply(): Promise<string>;
  /** Says a line and gives the reply. */
  ask(line: string): Promise<string>;
  /** TLS from here on, trusting this authority; gives the subject's name in the server's certificate. */
  secure(ca: string, name?: string): Promise<string>;
  /** Resolves when the server has closed. */
  readonly closed: Promise<void>;
  /** Says no more, and still listens. */
  finish(): void;
  cut(): void;
}

export interface SpeakTo {
  readonly port: number;
  /** TLS from the start, trusting this authority. */
  readonly ca?: string;
}

/** Connects to a server on loopback. */
export async function speakTo({ port, ca }: SpeakTo): Promise<SmtpSpeaker> {
  const plain = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const ears = createEars();
  const closed = new Promise<void>(resolve => {
    plain.once('end', resolve).once('close', () => resolve());
  });
  let socket: Socket = plain;
  plain.on('error', () => {});
  plain.once('close', ears.close);

  async function secure(authority: string, name = 'localhost'): Promise<string> {
    socket.removeAllListeners('data');
    const secured = connectTls({ socket, ca: authority, servername: name });
    secured.on('error', ears.close);
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve).once('error', reject);
      secured.once('close', () => reject(new Error('closed before TLS was there')));
    });
    socket = secured;
    listen();
    const { CN } = secured.getPeerCertificate().subject;
    return String(CN);
  }

  function listen(): void {
    socket.on('data', ears.hear).once('end', ears.close);
  }

  if (ca === undefined) listen();
  else await secure(ca);
  return {
    say: octets => void socket.write(octets),
    reply: ears.reply,
    ask(line) {
      socket.write(`${line}\r\n`);
      return ears.reply();
    },
    secure,
    closed,
    finish: () => void socket.end(),
    cut: () => void plain.destroy(),
  };
}

const REPLY = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/;

function createEars() {
  let heard = '';
  let isClosed = false;
  let wake = () => {};
  return {
    hear(chunk: Buffer): void {
      heard += chunk.toString('latin1');
      wake();
    },
    close(): void {
      isClosed = true;
      wake();
    },
    async reply(): Promise<string> {
      const limit = AbortSignal.timeout(WAIT_MS);
      for (;;) {
        const [whole] = REPLY.exec(heard) ?? [];
        if (whole !== undefined) {
          heard = heard.slice(whole.length);
          return whole.trimEnd().replaceAll('\r\n', '\n');
        }
        if (isClosed) return heard === '' ? 'closed' : `no reply: ${JSON.stringify(heard)}`;
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          limit.addEventListener('abort', () =>
            reject(new Error(`No reply; heard ${JSON.stringify(heard)}`)),
          );
        });
      }
    },
  };
}
