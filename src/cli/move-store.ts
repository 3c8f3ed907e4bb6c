import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { holdDataFolder, LOCK } from '../main/data-folder.ts';
import type { MoveReport } from '../store/move/move.ts';
import { CommandFailure } from './command-failure.ts';
import { type CliOutput, table } from './command-output.ts';

const WAIT_MS = 10_000;
/** How often a terminal is told how far it is. */
const TELL_MS = 200;

/** Moves a stopped gate's store into PostgreSQL, and prints how much of what is in both. */
export async function moveToPostgres({ from, to, output }: { from: string; to: string; output: CliOutput }) {
  if (!/^postgres(ql)?:\/\//.test(to)) {
    throw new CommandFailure(`A store is moved to postgres://…, and not to '${to.split(':')[0]}:…'.`);
  }
  const path = resolve(from);
  const release = await holdFolderOf(path);
  try {
    // Loaded by those who use it alone.
    const { moveStore } = await import('../store/move/move.ts');
    const meter = createMeter(process.stderr);
    const report = await moveStore({ from: path, to, now: Date.now, onProgress: meter.tell });
    meter.end();
    output.result(report, textOf(report));
  } finally {
    release();
  }
}

/** While it is held, a gate that is started there says why it cannot. */
async function holdFolderOf(path: string): Promise<() => void> {
  const folder = dirname(path);
  if (!existsSync(join(folder, LOCK))) return () => {};
  return (await holdDataFolder(folder, { purpose: 'command', random: randomBytes, waitMs: WAIT_MS })).release;
}

/** On a terminal one line a table, with its speed; elsewhere nothing. */
function createMeter(stream: NodeJS.WriteStream) {
  let current = '';
  let startedAt = 0;
  let toldAt = 0;
  return {
    tell({ table, rows, of }: { readonly table: string; readonly rows: number; readonly of: number }): void {
      if (!stream.isTTY) return;
      const at = performance.now();
      if (table !== current) {
        if (current !== '') stream.write('\n');
        [current, startedAt] = [table, at];
      } else if (at - toldAt < TELL_MS && rows < of) return;
      toldAt = at;
      const perSecond = Math.round((rows * 1_000) / Math.max(1, at - startedAt));
      stream.write(`\r${table.padEnd(15)} ${rows} of ${of}, ${perSecond}/s   `);
    },
    end: () => void (stream.isTTY && current !== '' && stream.write('\n')),
  };
}

function textOf({ tables, underWay: { unknown, notSent } }: MoveReport): string {
  const rows = tables.map(({ name, before, after }) => [name, String(before), String(after)]);
  const dead =
    unknown + notSent === 0
      ? []
      : [
          `Under way when the gate ended: ${unknown} that may have been sent and will be recorded as unknown, ${notSent} that were not sent.`,
        ];
  return [
    table(['table', 'SQLite', 'PostgreSQL'], rows),
    '',
    'All is in PostgreSQL. Set store to it and start the gate with the same data folder, whose secret.key opens the secrets.',
    ...dead,
    'No gate starts on the SQLite file any more; remove it when you like.',
  ].join('\n');
}
