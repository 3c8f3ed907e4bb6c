import { Buffer, isUtf8 } from 'node:buffer';
import { parseDomain } from '../../core/domain.ts';
import { AppError, type Problem } from '../../core/errors.ts';
import type { NamedServer } from '../../operations/direct-send-operations.ts';
import type { DialectRequest } from '../dialect.ts';
import { invalidFields } from './problems.ts';

/** The SMTP server of a mail domain (lower-case A-labels), undefined when none is known. */
export type ServerOf = (domain: string) => NamedServer | undefined;

/** Who logs in at the caller's server. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

type Headers = DialectRequest['headers'];

const STARTTLS_PORT = 587;
const IMPLICIT_TLS_PORT = 465;
const BASIC = /^basic +([\w+/-]*={0,2}) *$/i;
/** A name or an address; which of them it is, the resolver says. */
const HOST = /^[a-z0-9._:%-]{1,253}$/;

/** The e-mail address and the password, each from its own header, else from Basic; throws `unauthenticated`. */
export function readLogin(headers: Headers): Login {
  const basic = readBasic(headers['authorization']);
  const email = decoded(headers['email']) ?? basic?.username;
  const password = decoded(headers['password']) ?? basic?.password;
  const problems = [problemOf('email', email), problemOf('password', password)].filter(
    one => one !== undefined,
  );
  if (email === undefined || password === undefined || problems.length > 0) {
    const how =
      'send the headers email and password, or "Authorization: Basic" with email:password in base64';
    throw new AppError('unauthenticated', `${problems.join(', ')}: ${how}.`);
  }
  return { username: email, password };
}

function problemOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return `${name} is missing or cannot be decoded`;
  return /[\r\n\0]/.test(value) ? `${name} holds a line break or NUL` : undefined;
}

/** RFC 7617 2: the user name ends at the first colon. Undefined when it is not there or is not that; '' is absent. */
function readBasic(header: string | undefined): Partial<Login> | undefined {
  const token = BASIC.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  const [, username, password] = /^([^:]*):(.*)$/s.exec(textOf(Buffer.from(token, 'base64'))) ?? [];
  return { ...(username && { username }), ...(password && { password }) };
}

/** The server that the headers name, or that is known for the mailbox where they name nothing; throws `invalid`. */
export function readServer(headers: Headers, { username }: Login, serverOf: ServerOf): NamedServer {
  const server = decoded(headers['server']) ?? decoded(headers['x-smtp-server']);
  const port = decoded(headers['port']) ?? decoded(headers['x-smtp-port']);
  const secure = decoded(headers['secure']) ?? decoded(headers['x-smtp-secure']);
  if (server === undefined && port === undefined && secure === undefined) return lookUp(username, serverOf);
  const host = hostOf(server);
  const number = /^\d{1,5}$/.test(port ?? '') ? Number(port) : 0;
  const isSecure = secure?.toLowerCase();
  const problems = [
    ...problem('server', server, host !== undefined, 'must be a host name or an IP address'),
    ...problem('port', port, number >= 1 && number <= 65_535, 'must be a whole number from 1 to 65535'),
    ...problem('secure', secure, isSecure === 'true' || isSecure === 'false', 'must be true or false'),
  ];
  if (host === undefined || problems.length > 0) throw invalidFields(problems);
  return { host, port: number, encryption: encryptionOf(number, isSecure === 'true') };
}

function problem(field: string, value: string | undefined, isGood: boolean, rule: string): Problem[] {
  if (value === undefined)
    return [{ field, message: `is missing: add the header ${field} or x-smtp-${field}` }];
  return isGood ? [] : [{ field, message: rule }];
}

/** Port 587 never speaks TLS from the start and port 465 always does, whatever the caller thinks. */
function encryptionOf(port: number, isSecure: boolean): NamedServer['encryption'] {
  if (port === IMPLICIT_TLS_PORT) return 'ssl';
  if (!isSecure) return 'opportunistic';
  return port === STARTTLS_PORT ? 'tls' : 'ssl';
}

function lookUp(username: string, serverOf: ServerOf): NamedServer {
  const domain = parseDomain(username.slice(username.lastIndexOf('@') + 1));
  const server = domain.ok && username.includes('@') ? serverOf(domain.value) : undefined;
  if (server !== undefined) return server;
  const headers = 'server, port and secure (or x-smtp-server, x-smtp-port and x-smtp-secure)';
  const message = `is missing, and none is known for this e-mail address: add the headers ${headers}`;
  throw invalidFields([{ field: 'server', message }]);
}

/** Without brackets and final dot, in lower case, other scripts as A-labels; undefined when it can be no host. */
function hostOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const bare = text
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (HOST.test(bare)) return bare;
  const domain = parseDomain(bare);
  return domain.ok ? domain.value : undefined;
}

/** The text of a header field, of which Node gives one character for each octet; '' is absent. */
function decoded(value: string | undefined): string | undefined {
  return value ? textOf(Buffer.from(value, 'latin1')) : undefined;
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
