import { describe, expect, it } from 'vitest';
import { CAPTURE } from '../../test/helpers/stores/records.ts';
import { createIds } from './id.ts';
import type { CaptureProvider } from './provider.ts';
import { explainRoute, routeOf } from './route.ts';

function provider(id: number, settings: Partial<CaptureProvider> = {}): CaptureProvider {
  return { id, ...CAPTURE, ...settings };
}

/** Creates ids as the gate does, one directly after the other. */
function ids(count: number): string[] {
  const newId = createIds(0, () => Date.UTC(2026, 10, 21));
  return Array.from({ length: count }, newId);
}

function firsts(providers: readonly CaptureProvider[], spreads: readonly string[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const spread of spreads) {
    const id = routeOf(providers, { senderDomain: 'a.test', spread })[0]?.id ?? 0;
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

describe('a route', () => {
  it('gives providers of equal priority shares of the mail in proportion to their weights', () => {
    const providers = [provider(1, { weight: 700 }), provider(2, { weight: 200 }), provider(3)];
    const counts = firsts(providers, ids(20_000));
    expect((counts.get(1) ?? 0) / 20_000).toBeCloseTo(0.7, 1.7);
    expect((counts.get(2) ?? 0) / 20_000).toBeCloseTo(0.2, 1.7);
    expect((counts.get(3) ?? 0) / 20_000).toBeCloseTo(0.1, 1.7);
  });

  it('is always the same for one message, whatever the order of the providers', () => {
    const providers = Array.from({ length: 6 }, (_, i) => provider(i + 1));
    for (const spread of ids(100)) {
      const route = routeOf(providers, { senderDomain: '', spread });
      expect(routeOf(providers.toReversed(), { senderDomain: '', spread })).toEqual(route);
      expect(route).toHaveLength(6);
    }
  });

  it('changes only for the messages of a provider that is removed', () => {
    const providers = [provider(1), provider(2), provider(3)];
    for (const spread of ids(200)) {
      const [first] = routeOf(providers, { senderDomain: '', spread });
      const [left] = routeOf(providers.slice(0, 2), { senderDomain: '', spread });
      if (first?.id !== 3) expect(left).toBe(first);
    }
  });

  it('puts weight 0 after all positive weights, in the order of ids, and compares priorities first', () => {
    const providers = [
      provider(1, { priority: 20, weight: 1_000 }),
      provider(2, { weight: 0 }),
      provider(3, { weight: 1 }),
      provider(4, { weight: 0 }),
    ];
    for (const spread of ids(50)) {
      expect(routeOf(providers, { senderDomain: '', spread }).map(one => one.id)).toEqual([3, 2, 4, 1]);
    }
  });

  it('starts with the greatest weight when there is no message yet', () => {
    const providers = [provider(1, { weight: 1 }), provider(2), provider(3)];
    expect(routeOf(providers, { senderDomain: '' }).map(one => one.id)).toEqual([2, 3, 1]);
  });

  it('explains why each provider is used or not', () => {
    const providers = [
      provider(1, { weight: 30, senderDomains: ['a.test'] }),
      provider(2, { isEnabled: false }),
      provider(3, { senderDomains: ['b.test'] }),
    ];
    const steps = explainRoute(providers, { senderDomain: 'a.test', spread: '1' });
    expect(new Map(steps.map(step => [step.provider.id, step.reason]))).toEqual(
      new Map([
        [1, 'It serves the sender domain a.test; priority 10, weight 30.'],
        [2, 'It is disabled.'],
        [3, 'It serves b.test only.'],
      ]),
    );
  });
});
