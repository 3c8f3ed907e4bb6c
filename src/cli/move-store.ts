import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { holdDataFolder, LOCK } from '../main/data-folder.ts';
import type { MoveReport } from '../store/move/move.ts';
import { CommandFailure } from './command-failure.ts';
import { type CliOutput, table } from './command-output.ts';

const WAIT_MS = 10_000;
/** The least time between two updates of the progress line. */
const UPDATE_MS = 200;

/** Moves the store of a stopped gate to PostgreSQL, and prints the number of rows in both. */
export async function moveToPostgres({ from, to, output }: { from: string; to: string; output: CliOutput }) {
  if (!/^postgres(ql)?:\/\//.test(to)) {
    throw new CommandFailure(`The target must be postgres://…, found '${to.split(':')[0]}:…'.`);
  }
  const path = resolve(from);
  const release = await holdFolderOf(path);
  try {
    // Imported here, because only this command needs it.
    const { moveStore } = await import('../store/move/move.ts');
    const progress = createProgressLine(process.stderr);
    const report = await moveStore({ from: path, to, now: Date.now, onProgress: progress.update });
    progress.end();
    output.result(report, textOf(report));
  } finally {
    release();
  }
}

/** Locks the data folder, so that no gate starts in it meanwhile. */
async function holdFolderOf(path: string): Promise<() => void> {
  const folder = dirname(path);
  if (!existsSync(join(folder, LOCK))) return () => {};
  return (await holdDataFolder(folder, { purpose: 'command', random: randomBytes, waitMs: WAIT_MS })).release;
}

/** On a terminal, shows one line for each table with its progress and speed. Otherwise shows nothing. */
function createProgressLine(stream: NodeJS.WriteStream) {
  let current = '';
  let startedAt = 0;
  let updatedAt = 0;
  return {
    update({
      table,
      rows,
      of,
    }: {
      readonly table: string;
      readonly rows: number;
      readonly of: number;
    }): void {
      if (!stream.isTTY) return;
      const at = performance.now();
      if (table !== current) {
        if (current !== '') stream.write('\n');
        [current, startedAt] = [table, at];
      } else if (at - updatedAt < UPDATE_MS && rows < of) return;
      updatedAt = at;
      const perSecond = Math.round((rows * 1_000) / Math.max(1, at - startedAt));
      stream.write(`\r${table.padEnd(15)} ${rows} of ${of}, ${perSecond}/s   `);
    },
    end: () => void (stream.isTTY && current !== '' && stream.write('\n')),
  };
}

function textOf({ tables, underWay: { unknown, notSent } }: MoveReport): string {
  const rows = tables.map(({ name, before, after }) => [name, String(before), String(after)]);
  const interrupted =
    unknown + notSent === 0
      ? []
      : [
          `Interrupted when the gate ended: ${unknown} that may have been sent and will be recorded as unknown, ${notSent} that were not sent.`,
        ];
  return [
    table(['table', 'SQLite', 'PostgreSQL'], rows),
    '',
    'Everything is in PostgreSQL. Set store to it, and start the gate with the same data folder: it needs the file secret.key.',
    ...interrupted,
    'The SQLite file is no longer used. You can delete it.',
  ].join('\n');
}
