import { NAME_ALPHABET, type Random, randomText } from '../../auth/random-text.ts';
import { type Address, parseAddress } from '../../core/address.ts';
import { trimBlanks } from '../../core/blanks.ts';
import { parseDomain } from '../../core/domain.ts';
import { TempMailError } from '../../core/temp-mail-refusal.ts';

/** The rules for names of addresses, from the configuration. */
export interface NameRules {
  /** If it is empty, nobody can create an address. */
  readonly domains: readonly string[];
  readonly prefix: string;
  /** A regular expression of the characters that are removed from names. */
  readonly namePattern: string;
  readonly minNameLength: number;
  readonly maxNameLength: number;
}

/** Makes addresses from requested names and domains. */
export interface AddressNames {
  /** The configured domains in lower-case A-labels. */
  readonly domains: readonly string[];
  /** Throws TempMailError if the request is invalid. An empty name becomes a random one, an empty domain the first one. */
  address(request: { name: string; domain: string; hasPrefix: boolean }): Address;
  /** Returns true if a domain in A-labels is configured. */
  hasDomain(domain: string): boolean;
}

/** Long enough that two random names do not collide, and nobody guesses one. */
const RANDOM_LENGTH = 10;

export function createAddressNames(rules: NameRules, random: Random): AddressNames {
  const unwanted = new RegExp(rules.namePattern, 'g');
  const domains = rules.domains.map(domain => canonical(domain) ?? domain.toLowerCase());
  const prefix = rules.prefix.trim().toLowerCase();
  const { minNameLength, maxNameLength } = rules;

  function nameOf(requested: string): string {
    if (requested === '') return randomName();
    const name = requested.trim().replace(unwanted, '');
    if (name.length < minNameLength) throw new TempMailError('name-too-short', `min ${minNameLength}`);
    if (name.length > maxNameLength) throw new TempMailError('name-too-long', `max ${maxNameLength}`);
    return name;
  }

  function randomName(): string {
    const allowed = NAME_ALPHABET.filter(character => character.replace(unwanted, '') !== '');
    const length = Math.min(Math.max(RANDOM_LENGTH, minNameLength), maxNameLength);
    return randomText(random, allowed.length === 0 ? NAME_ALPHABET : allowed, length);
  }

  function domainOf(requested: string): string {
    const domain = requested === '' ? domains[0] : canonical(trimBlanks(requested));
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
    hasDomain: domain => domains.includes(domain),
  };
}

function canonical(domain: string): string | undefined {
  const parsed = parseDomain(domain);
  return parsed.ok ? parsed.value : undefined;
}
