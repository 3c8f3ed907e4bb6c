import type { Provider } from './provider.ts';

/** One provider in an explained route. */
export interface RouteStep {
  readonly provider: Provider;
  readonly isUsed: boolean;
  /** One sentence that explains why the provider is used or not. */
  readonly reason: string;
}

/** The input of a route. */
export interface RouteQuestion {
  /** Domain of the header field From in lower-case A-labels; '' when there is none. */
  readonly senderDomain: string;
  /** Id of the message. It distributes mail over providers of equal priority. Absent: the greatest weight comes first. */
  readonly spread?: string;
}

/** Returns all providers: first those that may carry the message, in the order in which they are tried. */
export function explainRoute(providers: readonly Provider[], question: RouteQuestion): readonly RouteStep[] {
  const steps = inOrder(providers, question.spread).map(provider => ({
    provider,
    ...judgeProvider(provider, question),
  }));
  return [...steps.filter(step => step.isUsed), ...steps.filter(step => !step.isUsed)];
}

/** Returns the providers that may carry the message, in the order in which they are tried. */
export function routeOf(providers: readonly Provider[], question: RouteQuestion): readonly Provider[] {
  return explainRoute(providers, question).flatMap(step => (step.isUsed ? [step.provider] : []));
}

/** Sorts by priority, then by score. One message always has the same order; over many messages, the weights decide. */
function inOrder(providers: readonly Provider[], spread: string | undefined): readonly Provider[] {
  if (providers.length < 2) return providers;
  const scores = new Map(providers.map(provider => [provider, scoreOf(provider, spread)]));
  const score = (provider: Provider) => scores.get(provider) ?? 0;
  return providers.toSorted((a, b) => a.priority - b.priority || score(b) - score(a) || a.id - b.id);
}

/**
 * Weighted rendezvous hashing. Each provider has the score -weight / ln(uniform). The probability that a score is the
 * highest is proportional to its weight. A provider that is added or removed moves no mail between the other providers.
 */
function scoreOf({ id, weight }: Provider, spread: string | undefined): number {
  if (weight === 0 || spread === undefined) return weight;
  return -weight / Math.log(uniformOf(`${id}/${spread}`));
}

/** Hashes a text to a number between 0 and 1, both excluded: FNV-1a, then the finalizer of MurmurHash3 to mix similar ids. */
function uniformOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}

function judgeProvider(
  provider: Provider,
  { senderDomain }: RouteQuestion,
): { isUsed: boolean; reason: string } {
  if (!provider.isEnabled) return { isUsed: false, reason: 'It is disabled.' };
  const { senderDomains, priority, weight } = provider;
  const place = `priority ${priority}, weight ${weight}.`;
  if (senderDomains.length === 0) return { isUsed: true, reason: `It serves every sender domain; ${place}` };
  if (senderDomains.includes(senderDomain)) {
    return { isUsed: true, reason: `It serves the sender domain ${senderDomain}; ${place}` };
  }
  return { isUsed: false, reason: `It serves ${senderDomains.join(', ')} only.` };
}
