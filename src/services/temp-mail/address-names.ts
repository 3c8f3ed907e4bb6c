import { NAME_ALPHABET, type Random, randomText } from '../../auth/random-text.ts';
import { type Address, parseAddress } from '../../core/address.ts';
import { trimBlanks } from '../../core/blanks.ts';
import { parseDomain } from '../../core/domain.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';

/** What names of addresses are like. */
export interface NameRules {
  /** At least one, or nobody gets an address. */
  readonly domains: readonly string[];
  readonly prefix: string;
  /** A regular expression of the characters that are taken out of names. */
  readonly namePattern: string;
  readonly minNameLength: number;
  readonly maxNameLength: number;
}

/** Makes addresses of what people would like to be called. */
export interface AddressNames {
  /** A-labels in lower case. */
  readonly domains: readonly string[];
  /** Throws the refusal; '' stands for a random name and for any of the domains. */
  address(wish: { name: string; domain: string; hasPrefix: boolean }): Address;
  /** Whether a domain, in A-labels, is one of ours. */
  isOurs(domain: string): boolean;
}

/** Long enough that nobody hits upon another's. */
const RANDOM_LENGTH = 10;

export function createAddressNames(rules: NameRules, random: Random): AddressNames {
  const unwanted = new RegExp(rules.namePattern, 'g');
  const domains = rules.domains.map(domain => canonical(domain) ?? domain.toLowerCase());
  const prefix = rules.prefix.trim().toLowerCase();
  const { minNameLength, maxNameLength } = rules;

  function nameOf(wish: string): string {
    if (wish === '') return randomName();
    const name = wish.trim().replace(unwanted, '');
    if (name.length < minNameLength) throw new TempMailError('name-too-short', `min ${minNameLength}`);
    if (name.length > maxNameLength) throw new TempMailError('name-too-long', `max ${maxNameLength}`);
    return name;
  }

  function randomName(): string {
    const allowed = NAME_ALPHABET.filter(letter => letter.replace(unwanted, '') !== '');
    const length = Math.min(Math.max(RANDOM_LENGTH, minNameLength), maxNameLength);
    return randomText(random, allowed.length === 0 ? NAME_ALPHABET : allowed, length);
  }

  function domainOf(wish: string): string {
    const domain = wish === '' ? domains[0] : canonical(trimBlanks(wish));
    if (domain === undefined || !domains.includes(domain)) throw new TempMailError('domain');
    return domain;
  }

  return {
    domains,
    address({ name, domain, hasPrefix }) {
      const local = nameOf(name);
      const parsed = parseAddress(`${hasPrefix ? prefix : ''}${local}@${domainOf(domain)}`);
      if (!parsed.ok) throw new TempMailError('address');
      return parsed.value;
    },
    isOurs: domain => domains.includes(domain),
  };
}

function canonical(domain: string): string | undefined {
  const parsed = parseDomain(domain);
  return parsed.ok ? parsed.value : undefined;
}
