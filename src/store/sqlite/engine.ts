import type { Database } from 'better-sqlite3';
import type { ProviderId } from '../../core/message.ts';
import { prepareAccept } from './accept.ts';
import { prepareAppend } from './event-log.ts';
import { prepareFinish } from './finish.ts';
import type { GroupCommit } from './group-commit.ts';
import { prepareIndexing } from './indexing.ts';
import { prepareInterventions } from './intervene.ts';
import { prepareLeases } from './lease.ts';
import { prepareNodes } from './nodes.ts';
import { preparePurge } from './purge.ts';
import { prepareRecords } from './records.ts';
import { prepareViews } from './views.ts';

/** All that the writing connection can do, its statements prepared once per opening. */
export function prepareEngine(db: Database) {
  const views = prepareViews(db);
  const depth = db.prepare(
    'select lane, count(*) as waiting, min(due_at) as oldestDueAt from queue group by lane',
  );
  return {
    accept: prepareAccept(db),
    finish: prepareFinish(db),
    leases: prepareLeases(db),
    interventions: prepareInterventions(db),
    nodes: prepareNodes(db),
    records: prepareRecords(db),
    append: prepareAppend(db),
    index: prepareIndexing(db, views),
    purge: preparePurge(db, views),
    depth: () => depth.all() as { lane: ProviderId; waiting: number; oldestDueAt: number }[],
  };
}

export type Engine = ReturnType<typeof prepareEngine>;
export type Commit = GroupCommit<Engine>;
