import { type Address, parseAddress } from '../core/address.ts';
import { accept, type Parsed, refuse } from '../core/parsed.ts';
import { reply, type SmtpReply } from './smtp-reply.ts';

/** A parsed MAIL command. */
export interface MailCommand {
  readonly verb: 'MAIL';
  readonly sender: Address | '';
  /** Declared size of the message in octets (RFC 1870); undefined when not declared. */
  readonly size: number | undefined;
  readonly smtputf8: boolean;
}

/** A parsed RCPT command. The transaction knows whether a non-ASCII address is allowed. */
export interface RcptCommand {
  readonly verb: 'RCPT';
  readonly recipient: Address;
  readonly needsSmtputf8: boolean;
}

/** An invalid command, and the reply to it. */
export interface WrongCommand {
  readonly verb: 'wrong';
  readonly reply: SmtpReply;
}

/** Parses the argument of MAIL: `FROM:<path> parameters`. */
export function readMail(argument: string): MailCommand | WrongCommand {
  const split = splitPath(argument, FROM);
  if (split === undefined) return wrong(reply(501, '5.5.4', 'Syntax: MAIL FROM:<address>'));
  const parameters = readParameters(split.parameters, MAIL_PARAMETERS);
  if ('reply' in parameters) return wrong(parameters.reply);
  const smtputf8 = parameters.values.has('SMTPUTF8');
  if (!smtputf8 && !isAscii(split.path)) return wrong(NEEDS_SMTPUTF8);
  const sender = split.path === '' ? accept('' as const) : parsePath(split.path);
  if (!sender.ok) return wrong(reply(501, '5.1.7', `Invalid sender: ${sender.reason}`));
  const size = parameters.values.get('SIZE');
  return { verb: 'MAIL', sender: sender.value, size: size === undefined ? size : Number(size), smtputf8 };
}

/** Parses the argument of RCPT: `TO:<path>`. */
export function readRcpt(argument: string): RcptCommand | WrongCommand {
  const split = splitPath(argument, TO);
  if (split === undefined) return wrong(reply(501, '5.5.4', 'Syntax: RCPT TO:<address>'));
  const parameters = readParameters(split.parameters, {});
  if ('reply' in parameters) return wrong(parameters.reply);
  const recipient = parsePath(split.path);
  if (!recipient.ok) return wrong(reply(501, '5.1.3', `Invalid recipient: ${recipient.reason}`));
  return { verb: 'RCPT', recipient: recipient.value, needsSmtputf8: !isAscii(split.path) };
}

export function wrong(reply: SmtpReply): WrongCommand {
  return { verb: 'wrong', reply };
}

/** RFC 6531 3.5. */
export const NEEDS_SMTPUTF8 = reply(553, '5.6.7', 'A non-ASCII address needs the parameter SMTPUTF8 of MAIL');

const FROM = /^FROM: *<([^<>]*)>(.*)$/i;
const TO = /^TO: *<([^<>]*)>(.*)$/i;
/** RFC 5321 appendix C: source routes are accepted and ignored. */
const SOURCE_ROUTE = /^@[^:]*:/;
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~]*))?$/;

/** The pattern of each parameter's value. */
type Known = Readonly<Record<string, RegExp>>;

const MAIL_PARAMETERS: Known = {
  SIZE: /^\d{1,20}$/,
  BODY: /^(?:7BIT|8BITMIME)$/i,
  SMTPUTF8: /^$/,
  // RFC 4954 5: xtext. The gate does not use the value.
  AUTH: /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})+$/,
};

function splitPath(argument: string, form: RegExp): { path: string; parameters: string } | undefined {
  const [, path, parameters = ''] = form.exec(argument) ?? [];
  return path === undefined || !/^(?: |$)/.test(parameters) ? undefined : { path, parameters };
}

function parsePath(path: string): Parsed<Address> {
  const address = path.replace(SOURCE_ROUTE, '');
  return address === '' ? refuse('the address is empty') : parseAddress(address);
}

function readParameters(
  text: string,
  known: Known,
): { readonly values: ReadonlyMap<string, string> } | { readonly reply: SmtpReply } {
  const values = new Map<string, string>();
  for (const word of text.split(' ').filter(part => part !== '')) {
    const [, keyword = '', value = ''] = PARAMETER.exec(word) ?? [];
    const name = keyword.toUpperCase();
    const form = Object.hasOwn(known, name) ? known[name] : undefined;
    // RFC 5321 4.1.1.11.
    if (form === undefined) return { reply: reply(555, '5.5.4', `Parameter not recognised: ${word}`) };
    if (!form.test(value) || values.has(name))
      return { reply: reply(501, '5.5.4', `Invalid or repeated parameter: ${word}`) };
    values.set(name, value);
  }
  return { values };
}

function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text);
}
