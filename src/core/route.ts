import type { Provider } from './provider.ts';

/** One provider's place in a route. */
export interface RouteStep {
  readonly provider: Provider;
  readonly isUsed: boolean;
  /** Why it is used, or why not: one sentence for `explain`. */
  readonly reason: string;
}

/** What a route depends on. */
export interface RouteQuestion {
  /** Domain of header From in A-labels, lower case; '' when it has none. */
  readonly senderDomain: string;
  /** The message's id, which spreads mail over providers of equal priority; absent: the heaviest goes first. */
  readonly spread?: string;
}

/** All providers, those that may carry the message first and in the order in which they are tried. */
export function explainRoute(providers: readonly Provider[], question: RouteQuestion): readonly RouteStep[] {
  const steps = inOrder(providers, question.spread).map(provider => ({
    provider,
    ...judgeProvider(provider, question),
  }));
  return [...steps.filter(step => step.isUsed), ...steps.filter(step => !step.isUsed)];
}

/** The providers that may carry the message, in the order in which they are tried. */
export function routeOf(providers: readonly Provider[], question: RouteQuestion): readonly Provider[] {
  return explainRoute(providers, question).flatMap(step => (step.isUsed ? [step.provider] : []));
}

/** By priority; then the same order for one message always, and over all messages each first as often as its weight says. */
function inOrder(providers: readonly Provider[], spread: string | undefined): readonly Provider[] {
  if (providers.length < 2) return providers;
  const scores = new Map(providers.map(provider => [provider, scoreOf(provider, spread)]));
  const score = (provider: Provider) => scores.get(provider) ?? 0;
  return providers.toSorted((a, b) => a.priority - b.priority || score(b) - score(a) || a.id - b.id);
}

/**
 * Weighted rendezvous hashing: of scores -weight / ln(uniform) each is the highest with a chance in proportion to its
 * weight, and a provider that comes or goes moves no mail between the others.
 */
function scoreOf({ id, weight }: Provider, spread: string | undefined): number {
  if (weight === 0 || spread === undefined) return weight;
  return -weight / Math.log(uniformOf(`${id}/${spread}`));
}

/** A number between 0 and 1, both excluded, that looks random: FNV-1a, then the finalizer of MurmurHash3 to mix near ids. */
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
