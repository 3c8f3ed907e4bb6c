import type { Database } from 'better-sqlite3';
import type { ProviderId } from '../../core/message.ts';
import { prepareAccept } from './accept.ts';
import { prepareAddressRows } from './address-rows.ts';
import { prepareAuditNotes } from './audit-notes.ts';
import type { GroupCommit } from './batcher.ts';
import { prepareCharges } from './charges.ts';
import { prepareCounters } from './counters.ts';
import { prepareKeepCursor } from './cursors.ts';
import { prepareEventLog } from './event-log.ts';
import { prepareFinish } from './finish.ts';
import { prepareIndexing } from './indexing.ts';
import { prepareInterventions } from './intervene.ts';
import { prepareLeases } from './leases.ts';
import { prepareViews } from './message-views.ts';
import { prepareNodes } from './nodes.ts';
import { preparePurge } from './purge.ts';
import { prepareRecords } from './registry-rows.ts';

/** In two halves, so that each is read from its index alone: six times faster than from the table. */
const DEPTH = `select lane, sum(count) as waiting, min(earliest) as oldestDueAt from (
  select lane, count(*) as count, min(due_at) as earliest from queue where lease is null group by lane
  union all select lane, count(*), min(due_at) from queue where lease is not null group by lane
  ) group by lane`;

/** All that the writing connection can do, its statements prepared once per opening. */
export function prepareEngine(db: Database) {
  const views = prepareViews(db);
  const { append, hasNews } = prepareEventLog(db);
  const counters = prepareCounters(db);
  const addresses = prepareAddressRows(db);
  const takeCharges = prepareCharges(counters, addresses);
  const depth = db.prepare(DEPTH);
  const noteAudit = prepareAuditNotes(db);
  return {
    accept: prepareAccept(db, { append, takeCharges, addSentItem: addresses.addSentItem }),
    finish: prepareFinish(db, append),
    leases: prepareLeases(db),
    interventions: prepareInterventions(db, append),
    nodes: prepareNodes(db),
    counters,
    addresses,
    keepCursor: prepareKeepCursor(db),
    records: prepareRecords(db, noteAudit),
    noteAudit,
    append,
    hasNews,
    index: prepareIndexing(db, views),
    purge: preparePurge(db),
    depth: () => depth.all() as { lane: ProviderId; waiting: number; oldestDueAt: number }[],
  };
}

export type Engine = ReturnType<typeof prepareEngine>;
export type Commit = GroupCommit<Engine>;
