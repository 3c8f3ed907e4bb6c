import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { KNOWN } from '../../../src/store/postgres/migrate.ts';
import { withBrokenBuild } from '../../helpers/faults/broken-build.ts';
import { type RunningGate, startGate, until } from '../../helpers/gates/gate.ts';
import { type SmtpSink, startSmtpSink } from '../../helpers/mail-servers/smtp-sink.ts';
import { type PostgresServer, startPostgres } from '../../helpers/stores/postgres-server.ts';

// Gates of two versions on one database: this checkout, and a copy of it with one migration more.

const CLIENTS = 4;
const PAUSE_MS = 30;
/** Acknowledged in each of the states that the cluster goes through. */
const STRETCH = 60;

const ADDS = `-- works with ${KNOWN}
alter table messages add column colour text;
alter table queue add column colour text not null default 'blue';
alter table events add column colour text;
create index queue_colour on queue (colour);
create table colours (name text primary key);`;
const CHANGES = 'alter table queue rename column size to bytes;';

let server: PostgresServer;
let sink: SmtpSink;
beforeAll(async () => {
  server = await startPostgres();
  sink = await startSmtpSink();
});
afterAll(async () => {
  await server.stop();
  await sink.close();
});

function withNewerBuild<T>(sql: string, run: (root: string) => Promise<T>): Promise<T> {
  return withBrokenBuild([], root => {
    const name = `${String(KNOWN + 1).padStart(3, '0')}-later.sql`;
    writeFileSync(join(root, 'src', 'store', 'postgres-migrations', name), sql);
    return run(root);
  });
}

/** Starts a gate on a database; `root`: of the newer version. */
async function startOn(database: string, root?: string): Promise<RunningGate> {
  const gate = await startGate({
    args: ['--store', server.url(database)],
    smarthost: `127.0.0.1:${sink.port}`,
    ...(root !== undefined && { root }),
  });
  onTestFinished(() => gate.kill('SIGKILL'));
  return gate;
}

/** Clients that send to whichever gate there is, until they are stopped. */
function startLoad(gates: readonly RunningGate[]) {
  const acknowledged: string[] = [];
  let isLoading = true;
  const client = async (_: unknown, number: number) => {
    for (let n = 0; isLoading; n++) {
      const gate = gates[(n + number) % gates.length];
      const name = `rolling-${number}-${n}`;
      if (gate !== undefined && (await post(gate, name))) acknowledged.push(name);
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return {
    acknowledged,
    async more() {
      const enough = acknowledged.length + STRETCH;
      await until(() => acknowledged.length >= enough, 'mail to be accepted');
    },
    async stop() {
      isLoading = false;
      await Promise.all(clients);
    },
  };
}

async function post(gate: RunningGate, subject: string): Promise<boolean> {
  const body = JSON.stringify({ from: 'a@sender.test', to: 'b@rcpt.test', subject, text: 'x' });
  try {
    const answer = await fetch(`${gate.http}/messages`, { method: 'POST', body });
    await answer.arrayBuffer();
    return answer.status === 200;
  } catch {
    return false;
  }
}

function copies(): ReadonlyMap<string, number> {
  const subjects = sink.messages.map(({ bytes }) => /^Subject: (\S+)/m.exec(String(bytes))?.[1] ?? '');
  return new Map([...Map.groupBy(subjects, name => name)].map(([name, all]) => [name, all.length]));
}

test('one gate after the other is upgraded under load: nothing is lost, nothing is sent twice', async () => {
  await server.createDatabase('rolling');
  await withNewerBuild(ADDS, async newer => {
    const gates = [await startOn('rolling'), await startOn('rolling')];
    const load = startLoad(gates);
    for (const i of [1, 0]) {
      await load.more();
      const old = gates[i];
      // The other takes all meanwhile.
      gates[i] = gates[1 - i] as RunningGate;
      expect(await old?.stop()).toMatchObject({ code: 0 });
      gates[i] = await startOn('rolling', newer);
    }
    await load.more();
    // Somebody goes back: that version still works with the database.
    const back = await startOn('rolling');
    expect(await post(back, 'rolling-back')).toBe(true);
    await load.stop();
    const names = [...load.acknowledged, 'rolling-back'];
    await sink.until(() => {
      const found = copies();
      return names.every(name => found.has(name));
    });
    await Promise.all([...gates, back].map(gate => gate.stop()));
    expect([...copies()].filter(([, count]) => count > 1)).toEqual([]);
    expect(names.length).toBeGreaterThan(3 * STRETCH);
    expect(
      await server.query('rolling', 'select works_with from migrations order by number desc limit 1'),
    ).toEqual([{ works_with: KNOWN }]);
  });
});

test('a version that older gates cannot work with waits until they are stopped, and then keeps them out', async () => {
  await server.createDatabase('abrupt');
  await withNewerBuild(CHANGES, async newer => {
    const old = await startOn('abrupt');
    await expect(startOn('abrupt', newer)).rejects.toThrow(
      'does not work with older gates, and one is running',
    );
    expect(await post(old, 'still-there')).toBe(true);
    await old.stop();
    const gate = await startGate({ args: ['--store', server.url('abrupt')], root: newer }).catch(String);
    // It cannot run with that, of course; but it has migrated.
    if (typeof gate !== 'string') await gate.stop();
    await expect(startOn('abrupt')).rejects.toThrow('The database is newer than this program');
  });
});
