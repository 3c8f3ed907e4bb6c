import { describe, expect, test } from 'vitest';
import { freezeInCluster } from '../../helpers/clusters/cluster-freeze.ts';
import { type ClusterKills, killInCluster } from '../../helpers/clusters/cluster-kills.ts';
import { takeDatabaseAway } from '../../helpers/clusters/cluster-outages.ts';

// Short runs of what scripts/campaign.ts does at length.

const CLEAN = { lost: [], unexplained: [], heldByTwo: [] };

describe('gates that share a PostgreSQL, under load through all of them', () => {
  test('three of them, one killed at random again and again, lose nothing and repeat nothing unrecorded', async () => {
    const report = await killInCluster({ nodes: 3, kills: 3 });
    print(report);
    expect(report).toMatchObject(CLEAN);
    expect(report.acknowledged).toBeGreaterThan(30);
  });

  test('one frozen past its lease repeats nothing unrecorded when it goes on, and serves again', async () => {
    const report = await freezeInCluster({ nodes: 2 });
    expect(report).toMatchObject(CLEAN);
    expect(report.acceptedAfterThaw).toBeGreaterThan(0);
    expect(report.unknown).toBeGreaterThan(0);
  });

  test('outlive their server: they answer 503, tell it once, lose nothing and go on when it is back', async () => {
    const report = await takeDatabaseAway({ nodes: 2, outages: ['crash', 'cut', 'crash'], awayMs: 1_500 });
    expect(report).toMatchObject(CLEAN);
    expect(Object.keys(report.refusals)).toEqual(['503 5']);
    for (const { code, stderr } of report.ends) {
      expect(code).toBe(0);
      const lines = stderr.split('\n').filter(line => line.includes('the store cannot be used'));
      // Once for each time, and not with each of the hundreds that were refused.
      expect(lines.length).toBeLessThanOrEqual(2 * report.outages);
      expect(stderr).toContain('the store can be used again');
    }
  });
});

function print({ kills, acknowledged, connections, unknown, duplicates, unexplained, lost }: ClusterKills) {
  process.stdout.write(
    `kill -9 in a cluster: ${kills} kills with ${connections.toFixed(1)} connections open on average; ${acknowledged} acknowledged ` +
      `messages checked, ${lost.length} lost, ${unknown} recorded as unknown, ${duplicates} duplicates, ${unexplained.length} unexplained\n`,
  );
}
