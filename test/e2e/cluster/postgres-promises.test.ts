import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runFrozenInJournal, runFrozenNode } from '../../helpers/clusters/frozen-node.ts';
import { runKillCampaign } from '../../helpers/clusters/kill-campaign.ts';
import { type Breakage, withBrokenBuild } from '../../helpers/faults/broken-build.ts';
import { traceCommits } from '../../helpers/faults/trace-commits.ts';
import { canAttach } from '../../helpers/faults/wal-trace.ts';
import { type PostgresServer, startPostgres } from '../../helpers/stores/postgres-server.ts';
import { endLeases } from '../../helpers/stores/store-postgres.ts';

// What promises.test.ts shows of SQLite, for PostgreSQL: this build keeps each promise, and builds that were broken on
// purpose are caught. That this one loses nothing when it is killed is shown in cluster.test.ts.

const ROLE_DECIDES: Breakage = {
  file: 'src/store/postgres/database.ts',
  find: `set_config('synchronous_commit', 'on', true)`,
  replace: 'true',
};
const ANSWER_BEFORE_COMMIT: Breakage = {
  file: 'src/store/postgres/queue.ts',
  find: 'const result = await accept(message);',
  replace: `setTimeout(() => void accept(message).catch(() => {}), 300); const result = { kind: 'accepted' } as const;`,
};
const JOURNAL_AFTER_THE_DOT: Breakage = {
  file: 'src/store/postgres/wire-journal.ts',
  find: 'dot: dot => turns.add({ dot }),',
  replace: 'dot: async dot => void setTimeout(() => void turns.add({ dot }).catch(() => {}), 500),',
};
const NO_LOOK_BEFORE_JOURNAL: Breakage = {
  file: 'src/delivery/transmission.ts',
  find: 'leaseRenewal.assertFresh();',
  replace: '',
};
const NO_LOOK_AFTER_JOURNAL: Breakage = {
  file: 'src/delivery/transmission.ts',
  find: '.then(() => leaseRenewal.assertFresh())',
  replace: '.then(() => {})',
};

describe.runIf(canAttach('the order of the commit on disk and 2xx'))(
  'a 2xx comes after the commit is on disk, although the server would rather answer first',
  () => {
    test('for 1,000 acknowledgements', async () => {
      expect(await traceCommits({ messages: 1_000 })).toEqual({ acknowledged: 1_000, early: [] });
    });

    test.each([
      ['a commit as the role has it', ROLE_DECIDES],
      ['an answer before the commit', ANSWER_BEFORE_COMMIT],
    ])('and %s is caught', async (_name, breakage) => {
      const report = await withBrokenBuild([breakage], root => traceCommits({ messages: 80, root }));
      expect(report.acknowledged).toBe(80);
      expect(report.early.length).toBeGreaterThan(0);
    });
  },
);

describe('on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  async function newStore(name: string): Promise<string> {
    await server.createDatabase(name);
    return server.url(name);
  }

  test.each([
    ['an answer before the commit', ANSWER_BEFORE_COMMIT, 'lost'],
    ['a journal written after the dot', JOURNAL_AFTER_THE_DOT, 'unexplained'],
  ] as const)('%s is caught by kill -9', async (_name, breakage, harm) => {
    const store = await newStore(harm);
    const endLease = () => endLeases(server, harm);
    const report = await withBrokenBuild([breakage], root =>
      runKillCampaign({ kills: 2, root, store, endLease }),
    );
    expect(report[harm].length).toBeGreaterThan(0);
  });

  // Most of it is waiting.
  describe.concurrent('a node that was frozen past its lease', () => {
    test.each([
      ['before', runFrozenNode],
      ['while', runFrozenInJournal],
    ])('%s it journals sends no dot when it goes on', async (when, run) => {
      const store = await newStore(`frozen-${when}`);
      expect(await run({ store })).toEqual({ dotsAfterThaw: 0, copies: 1 });
    });

    test.each([
      ['at all', runFrozenNode, [NO_LOOK_BEFORE_JOURNAL, NO_LOOK_AFTER_JOURNAL]],
      ['after the journal', runFrozenInJournal, [NO_LOOK_AFTER_JOURNAL]],
    ] as const)('and did not look at it %s is caught', async (when, run, breakages) => {
      const store = await newStore(`unchecked ${when}`);
      const report = await withBrokenBuild(breakages, root => run({ root, store }));
      expect(report.dotsAfterThaw).toBeGreaterThan(0);
    });
  });
});
