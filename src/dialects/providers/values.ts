import { parseAddress } from '../../core/address.ts';
import { hasControl } from '../../core/control-characters.ts';
import { parseAddressLiteral, parseDomain } from '../../core/domain.ts';
import { accept, type Parsed, refuse } from '../../core/parsed.ts';

/** Reads a value of JSON; what is wrong with it is a phrase that goes behind the name of the field. */
export type ValueReader<T> = (value: unknown) => Parsed<T>;

const MAX_TEXT = 255;
const MAX_HOST = 253;
const MAX_CREDENTIAL = 1_000;
const MAX_PEM = 100_000;
const MAX_PATH = 4_096;
const MAX_DOMAINS = 1_000;

/** One line of text. */
export const line = textUpTo(MAX_TEXT);
/** A user name or password. */
export const credential = textUpTo(MAX_CREDENTIAL);
/** The path of a directory. */
export const path = textUpTo(MAX_PATH);

/** Text of several lines. */
export const pem: ValueReader<string> = value => {
  if (typeof value !== 'string') return refuse('must be a string');
  return value.length <= MAX_PEM ? accept(value) : refuse(`must be at most ${MAX_PEM} characters`);
};

/** A host name or an IP address, as it was given. */
export const host: ValueReader<string> = value => {
  const text = textUpTo(MAX_HOST)(value);
  if (!text.ok) return text;
  const bare = text.value.replace(/^\[(.*)\]$/, '$1');
  const forms = [
    parseDomain(text.value),
    parseAddressLiteral(`[${bare}]`),
    parseAddressLiteral(`[IPv6:${bare}]`),
  ];
  return forms.some(form => form.ok) ? text : refuse('must be a host name or an IP address');
};

/** An address, as it was given. */
export const address: ValueReader<string> = value => {
  const text = line(value);
  if (!text.ok) return text;
  const parsed = parseAddress(text.value);
  return parsed.ok ? text : refuse(`must be an address: ${parsed.reason}`);
};

/** Domains, as they were given. */
export const domains: ValueReader<readonly string[]> = value => {
  if (!Array.isArray(value)) return refuse('must be an array of domains');
  if (value.length > MAX_DOMAINS) return refuse(`must be at most ${MAX_DOMAINS} domains`);
  for (const item of value as readonly unknown[]) {
    const parsed = typeof item === 'string' ? parseDomain(item) : refuse('must be a string');
    if (!parsed.ok) return refuse(`must be domains: ${parsed.reason}`);
  }
  return accept(value as readonly string[]);
};

/** true, false, 1, 0, "1" or "0". */
export const yesNo: ValueReader<boolean> = value => {
  if (value === true || value === 1 || value === '1') return accept(true);
  if (value === false || value === 0 || value === '0') return accept(false);
  return refuse('must be true, false, 1 or 0');
};

/** A whole number, which may stand in a string. */
export function integer(min: number, max: number): ValueReader<number> {
  return value => {
    const isDigits = typeof value === 'string' && /^\d{1,15}$/.test(value);
    const number = isDigits ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max) {
      return accept(number);
    }
    return refuse(`must be a whole number from ${min} to ${max}`);
  };
}

export function oneOf<const T extends string>(words: readonly T[]): ValueReader<T> {
  return value => {
    const found = words.find(word => word === value);
    return found === undefined ? refuse(`must be ${words.join(' or ')}`) : accept(found);
  };
}

function textUpTo(max: number): ValueReader<string> {
  return value => {
    if (typeof value !== 'string') return refuse('must be a string');
    if (value.length > max) return refuse(`must be at most ${max} characters`);
    return hasControl(value)
      ? refuse('must not hold line breaks or other control characters')
      : accept(value);
  };
}
