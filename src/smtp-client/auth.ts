/** What proves who we are: a password (PLAIN, LOGIN) or an OAuth 2 access token (XOAUTH2). */
export type Credentials =
  | { readonly username: string; readonly password: string }
  | { readonly username: string; readonly accessToken: string };

export type AuthMechanism = 'PLAIN' | 'LOGIN' | 'XOAUTH2';

/** An AUTH exchange: the first command line, and what to say to each 334 in turn. */
export interface AuthExchange {
  readonly mechanism: AuthMechanism;
  readonly command: string;
  readonly responses: readonly string[];
}

/** RFC 5321 4.5.3.1.4: a command line has 512 octets with its CRLF, also with an initial response (RFC 4954 4). */
const MAX_COMMAND = 510;

/** The exchange for the best mechanism that the server offers; undefined when none of ours is among them. */
export function planAuth(credentials: Credentials, offered: readonly string[]): AuthExchange | undefined {
  if ('accessToken' in credentials) {
    if (!offered.includes('XOAUTH2')) return undefined;
    const { username, accessToken } = credentials;
    // A refusal comes as a 334 with the reason, which an empty response turns into the 535.
    const exchange = atOnce('XOAUTH2', `user=${username}\u0001auth=Bearer ${accessToken}\u0001\u0001`);
    return { ...exchange, responses: [...exchange.responses, ''] };
  }
  const { username, password } = credentials;
  if (offered.includes('PLAIN')) return atOnce('PLAIN', `\u0000${username}\u0000${password}`);
  if (!offered.includes('LOGIN')) return undefined;
  return { mechanism: 'LOGIN', command: 'AUTH LOGIN', responses: [base64(username), base64(password)] };
}

/** One message from us says it all: with the command where it fits, else after an empty challenge. */
function atOnce(mechanism: AuthMechanism, message: string): AuthExchange {
  const response = base64(message);
  const command = `AUTH ${mechanism} ${response}`;
  if (command.length <= MAX_COMMAND) return { mechanism, command, responses: [] };
  return { mechanism, command: `AUTH ${mechanism}`, responses: [response] };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
