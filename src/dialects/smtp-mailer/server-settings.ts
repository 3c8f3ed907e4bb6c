import { Buffer, isUtf8 } from 'node:buffer';
import { parseDomain } from '../../core/domain.ts';
import { AppError, type Problem } from '../../core/errors.ts';
import type { NamedServer } from '../../operations/direct-send-operations.ts';
import type { DialectRequest } from '../dialect.ts';
import { invalidFields } from './problems.ts';

/** Finds the SMTP server of a mail domain in lower-case A-labels; undefined if none is known. */
export type FindServer = (domain: string) => NamedServer | undefined;

/** The credentials for the caller's SMTP server. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

type Headers = DialectRequest['headers'];

const STARTTLS_PORT = 587;
const IMPLICIT_TLS_PORT = 465;
const BASIC = /^basic +([\w+/-]*={0,2}) *$/i;
/** A host name or an IP address. The resolver distinguishes them. */
const HOST = /^[a-z0-9._:%-]{1,253}$/;

/** Reads the e-mail address and the password from their headers, or else from Basic. Throws `unauthenticated`. */
export function readLogin(headers: Headers): Login {
  const basic = readBasic(headers['authorization']);
  const email = decodeHeader(headers['email']) ?? basic?.username;
  const password = decodeHeader(headers['password']) ?? basic?.password;
  const problems = [problemOf('email', email), problemOf('password', password)].filter(
    text => text !== undefined,
  );
  if (email === undefined || password === undefined || problems.length > 0) {
    const advice =
      'send the headers email and password, or "Authorization: Basic" with email:password in base64';
    throw new AppError('unauthenticated', `${problems.join(', ')}: ${advice}.`);
  }
  return { username: email, password };
}

function problemOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return `${name} is missing or cannot be decoded`;
  return /[\r\n\0]/.test(value) ? `${name} contains a line break or NUL` : undefined;
}

/** RFC 7617, section 2: the user name ends at the first colon. Undefined if the header is absent or not Basic. */
function readBasic(header: string | undefined): Partial<Login> | undefined {
  const token = BASIC.exec(header ?? '')?.[1];
  if (token === undefined) return undefined;
  const [, username, password] = /^([^:]*):(.*)$/s.exec(textOf(Buffer.from(token, 'base64'))) ?? [];
  return { ...(username && { username }), ...(password && { password }) };
}

/** Reads the server from the headers. Without any of them, uses the server of the mail domain. Throws `invalid`. */
export function readServer(headers: Headers, { username }: Login, findServer: FindServer): NamedServer {
  const server = decodeHeader(headers['server']) ?? decodeHeader(headers['x-smtp-server']);
  const port = decodeHeader(headers['port']) ?? decodeHeader(headers['x-smtp-port']);
  const secure = decodeHeader(headers['secure']) ?? decodeHeader(headers['x-smtp-secure']);
  if (server === undefined && port === undefined && secure === undefined) return lookUp(username, findServer);
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

function problem(field: string, value: string | undefined, isValid: boolean, rule: string): Problem[] {
  if (value === undefined)
    return [{ field, message: `is missing: add the header ${field} or x-smtp-${field}` }];
  return isValid ? [] : [{ field, message: rule }];
}

/** Servers use STARTTLS on port 587 and implicit TLS on port 465. The header `secure` cannot change that. */
function encryptionOf(port: number, isSecure: boolean): NamedServer['encryption'] {
  if (port === IMPLICIT_TLS_PORT) return 'ssl';
  if (!isSecure) return 'opportunistic';
  return port === STARTTLS_PORT ? 'tls' : 'ssl';
}

function lookUp(username: string, findServer: FindServer): NamedServer {
  const domain = parseDomain(username.slice(username.lastIndexOf('@') + 1));
  const server = domain.ok && username.includes('@') ? findServer(domain.value) : undefined;
  if (server !== undefined) return server;
  const headers = 'server, port and secure (or x-smtp-server, x-smtp-port and x-smtp-secure)';
  const message = `is missing, and none is known for this e-mail address: add the headers ${headers}`;
  throw invalidFields([{ field: 'server', message }]);
}

/** Normalises a host: lower case, A-labels, no brackets, no final dot. Undefined if it is not a valid host. */
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

/** Decodes a header value: Node returns one character for each octet. '' means absent. */
function decodeHeader(value: string | undefined): string | undefined {
  return value ? textOf(Buffer.from(value, 'latin1')) : undefined;
}

function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}
