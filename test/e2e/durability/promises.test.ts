import { describe, expect, test } from 'vitest';
import { runFrozenNode } from '../../helpers/clusters/frozen-node.ts';
import { type KillReport, runKillCampaign } from '../../helpers/clusters/kill-campaign.ts';
import { type Breakage, withBrokenBuild } from '../../helpers/faults/broken-build.ts';
import { traceAcknowledgements } from '../../helpers/faults/trace-acknowledgements.ts';
import { needs } from '../../helpers/programs/outside.ts';

// Every promise is tested twice: against this build, which must keep it, and against one that was broken on purpose,
// which must be caught. A test that cannot catch the breakage would prove nothing.

const SYNCHRONOUS_OFF: Breakage = {
  file: 'src/store/sqlite/database.ts',
  find: `db.pragma('synchronous = FULL')`,
  replace: `db.pragma('synchronous = OFF')`,
};
const ANSWER_BEFORE_COMMIT: Breakage = {
  file: 'src/store/sqlite/queue.ts',
  find: 'const result = await commit.run(engine => engine.accept(message));',
  replace: `setTimeout(() => void commit.run(engine => engine.accept(message)), 300); const result = { kind: 'accepted' } as const;`,
};
const JOURNAL_AFTER_THE_DOT: Breakage = {
  file: 'src/store/sqlite/journals.ts',
  find: 'dot: entry => ours().dot(entry),',
  replace: 'dot: entry => void setTimeout(() => ours().dot(entry), 500),',
};
const LEASE_CHECK_REMOVED: Breakage = {
  file: 'src/delivery/transmission.ts',
  find: 'leaseRenewal.assertFresh();',
  replace: '',
};

describe.runIf(needs('the order of fdatasync and 2xx', 'strace'))(
  'a 2xx comes after the fdatasync of the WAL',
  () => {
    test('for 1,000 acknowledgements', async () => {
      const report = await traceAcknowledgements({ messages: 1_000 });
      expect(report).toEqual({ acknowledged: 1_000, early: [] });
    });

    test('for 1,000 acknowledgements of SMTP', async () => {
      const report = await traceAcknowledgements({ messages: 1_000, by: 'smtp' });
      expect(report).toEqual({ acknowledged: 1_000, early: [] });
    });

    test.each([
      ['synchronous=OFF', SYNCHRONOUS_OFF],
      ['an answer before the commit', ANSWER_BEFORE_COMMIT],
    ])('and %s is caught', async (_name, breakage) => {
      const report = await withBrokenBuild([breakage], root => traceAcknowledgements({ messages: 80, root }));
      expect(report.early.length).toBeGreaterThan(0);
    });

    test('and an answer of SMTP before the commit is caught', async () => {
      const report = await withBrokenBuild([ANSWER_BEFORE_COMMIT], root =>
        traceAcknowledgements({ messages: 80, by: 'smtp', root }),
      );
      expect(report.early.length).toBeGreaterThan(0);
    });
  },
);

describe('kill -9 under load', () => {
  test('20 times loses nothing, and repeats nothing that was not recorded as unknown', async () => {
    const report = await runKillCampaign({ kills: 20 });
    print(report);
    expect(report.lost).toEqual([]);
    expect(report.unexplained).toEqual([]);
    for (const { unknown, connections } of report.perKill) expect(unknown).toBeLessThanOrEqual(connections);
    expect(report.perKill.filter(kill => kill.unknown > 0).length).toBeGreaterThanOrEqual(10);
  });

  test('and an answer before the commit is caught', async () => {
    const report = await withBrokenBuild([ANSWER_BEFORE_COMMIT], root => runKillCampaign({ kills: 3, root }));
    expect(report.lost.length).toBeGreaterThan(0);
  });

  test('and a journal written after the dot is caught', async () => {
    const report = await withBrokenBuild([JOURNAL_AFTER_THE_DOT], root =>
      runKillCampaign({ kills: 3, root }),
    );
    expect(report.unexplained.length).toBeGreaterThan(0);
  });
});

// Most of it is waiting.
describe.concurrent('a node that was frozen past its lease', () => {
  test('sends no dot when it goes on', async () => {
    expect(await runFrozenNode({})).toEqual({ dotsAfterThaw: 0, copies: 1 });
  });

  test('and a removed lease check is caught', async () => {
    const report = await withBrokenBuild([LEASE_CHECK_REMOVED], root => runFrozenNode({ root }));
    expect(report.dotsAfterThaw).toBeGreaterThan(0);
  });
});

function print({ kills, acknowledged, duplicates, unexplained, lost, perKill }: KillReport): void {
  const hits = perKill.filter(kill => kill.unknown > 0).length;
  const unknown = perKill.reduce((sum, kill) => sum + kill.unknown, 0);
  process.stdout.write(
    `kill -9: ${kills} kills survived, ${hits} of them between dot and reply; ${acknowledged} acknowledged messages ` +
      `checked, ${lost.length} lost, ${unknown} recorded as unknown, ${duplicates} duplicates, ${unexplained.length} unexplained\n`,
  );
}
