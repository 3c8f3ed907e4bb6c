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
}

/** All providers, those that may carry the message first and in the order in which they are tried. */
export function explainRoute(providers: readonly Provider[], question: RouteQuestion): readonly RouteStep[] {
  const steps = providers
    .toSorted(byPriority)
    .map(provider => ({ provider, ...judgeProvider(provider, question) }));
  return [...steps.filter(step => step.isUsed), ...steps.filter(step => !step.isUsed)];
}

/** The providers that may carry the message, in the order in which they are tried. */
export function routeOf(providers: readonly Provider[], question: RouteQuestion): readonly Provider[] {
  return explainRoute(providers, question).flatMap(step => (step.isUsed ? [step.provider] : []));
}

function byPriority(a: Provider, b: Provider): number {
  return a.priority - b.priority || a.id - b.id;
}

function judgeProvider(
  provider: Provider,
  { senderDomain }: RouteQuestion,
): { isUsed: boolean; reason: string } {
  if (!provider.isEnabled) return { isUsed: false, reason: 'It is disabled.' };
  const { senderDomains, priority } = provider;
  if (senderDomains.length === 0)
    return { isUsed: true, reason: `It serves every sender domain; priority ${priority}.` };
  if (senderDomains.includes(senderDomain)) {
    return { isUsed: true, reason: `It serves the sender domain ${senderDomain}; priority ${priority}.` };
  }
  return { isUsed: false, reason: `It serves ${senderDomains.join(', ')} only.` };
}
