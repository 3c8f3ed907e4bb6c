import { expect, test } from 'vitest';
import { measureCap, measureConnections, measureRate } from '../../helpers/clusters/cluster-limits.ts';

// Short runs of what scripts/campaign.ts measures over a minute and with a thousand messages.

test('fifty a second are no more than fifty a second for three gates together', async () => {
  const { allowedPerSecond } = await measureRate({ nodes: 3, maxPerSecond: 50, seconds: 4 });
  expect(allowedPerSecond).toBeLessThan(55);
});

test('a cap of an hour lets no more leave three gates, also when they are killed on the way', async () => {
  const { sent } = await measureCap({ nodes: 3, maxPerHour: 60, kills: 3 });
  expect(sent).toBeLessThanOrEqual(60);
  // What a killed gate had drawn and not used, or had under way, is lost to that hour.
  expect(sent).toBeGreaterThan(30);
});

test('what a provider allows at once is what three gates have together, also while one is replaced', async () => {
  const most = await measureConnections({ nodes: 3, maxConnections: 4, count: 360 });
  expect(most).toBeLessThanOrEqual(4);
  // Each gate has its part of them.
  expect(most).toBeGreaterThanOrEqual(3);
});
