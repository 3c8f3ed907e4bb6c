import { trimBlanks } from '../core/blanks.ts';
import {
  type MailCommand,
  type RcptCommand,
  readMail,
  readRcpt,
  type WrongCommand,
  wrong,
} from './envelope-command.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** A parsed command line, or the reply to an invalid one. */
export type Command =
  | { readonly verb: 'EHLO' | 'HELO'; readonly name: string }
  | { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial: string | undefined }
  | MailCommand
  | RcptCommand
  | { readonly verb: 'DATA' | 'RSET' | 'NOOP' | 'QUIT' | 'STARTTLS' | 'VRFY' | 'HELP' }
  | WrongCommand;

/** Parses a command line without its CRLF. It has no control characters. */
export function parseCommand(line: string): Command {
  const verb = (/^[A-Za-z]+/.exec(line)?.[0] ?? '').toUpperCase();
  const rest = line.slice(verb.length);
  if (Buffer.byteLength(line) > (LONGEST[verb] ?? DEFAULT_LONGEST)) return wrong(tooLongReply(verb));
  // RFC 5321 4.1.1: a space separates the verb from its arguments.
  if (!isVerb(verb) || (rest !== '' && !rest.startsWith(' '))) return wrong(unknownReply(verb));
  return PARSERS[verb](trimBlanks(rest), verb);
}

/** Returns the reply to a line that is longer than its command may be. */
export function tooLongReply(verb = ''): SmtpReply {
  // RFC 4954 4.2.
  return reply(500, verb === 'AUTH' ? '5.5.6' : '5.5.2', 'The line is too long');
}

/** RFC 4954 4: octets of a line in an authentication. It is the longest line of all. */
export const LONGEST_LINE = 12_288;

type Verb = Exclude<Command['verb'], 'wrong'>;
type Parser = (argument: string, verb: Verb) => Command;

/** RFC 5321 4.5.3.1.4, without the CRLF. */
const DEFAULT_LONGEST = 510;
/** Extensions raise the limit: RFC 1870 3, RFC 4954 3, RFC 6152 2, RFC 6531 3.4. Octets of UTF-8 count. */
const LONGEST: Readonly<Record<string, number>> = { AUTH: LONGEST_LINE, MAIL: 1_600, RCPT: 1_000 };
/** Commands of RFC 5321 and its extensions that this server knows but does not implement. */
const NOT_IMPLEMENTED = new Set(['EXPN', 'TURN', 'ETRN', 'SEND', 'SOML', 'SAML', 'BDAT', 'BURL']);
/** A host name or an address literal. The standard forbids `_` in names, but many clients send it. */
const CLIENT_NAME = /^[A-Za-z0-9._:[\]-]{1,255}$/;
const AUTH = /^([A-Za-z0-9_-]{1,20})(?: +([A-Za-z0-9+/=]+))?$/;

const readHello: Parser = (name, verb) => {
  if (verb !== 'EHLO' && verb !== 'HELO') throw new Error('bug: not EHLO or HELO');
  if (CLIENT_NAME.test(name)) return { verb, name };
  return wrong(reply(501, '5.5.4', `${verb} needs a host name`));
};

const readAuth: Parser = argument => {
  const [, mechanism = '', initial] = AUTH.exec(argument) ?? [];
  if (mechanism === '')
    return wrong(reply(501, '5.5.4', 'Syntax: AUTH mechanism [initial response in base64]'));
  return { verb: 'AUTH', mechanism: mechanism.toUpperCase(), initial };
};

function bare(verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS'): Parser {
  return argument => (argument === '' ? { verb } : wrong(reply(501, '5.5.4', `${verb} takes no argument`)));
}

const PARSERS: Readonly<Record<Verb, Parser>> = {
  EHLO: readHello,
  HELO: readHello,
  AUTH: readAuth,
  MAIL: readMail,
  RCPT: readRcpt,
  DATA: bare('DATA'),
  RSET: bare('RSET'),
  QUIT: bare('QUIT'),
  STARTTLS: bare('STARTTLS'),
  NOOP: () => ({ verb: 'NOOP' }),
  HELP: () => ({ verb: 'HELP' }),
  VRFY: argument => (argument === '' ? wrong(reply(501, '5.5.4', 'VRFY needs a name')) : { verb: 'VRFY' }),
};

function isVerb(text: string): text is Verb {
  return Object.hasOwn(PARSERS, text);
}

function unknownReply(verb: string): SmtpReply {
  return NOT_IMPLEMENTED.has(verb)
    ? reply(502, '5.5.1', `${verb} is not implemented`)
    : reply(500, '5.5.2', 'Command not recognised');
}
