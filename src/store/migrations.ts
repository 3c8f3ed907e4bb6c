import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** A step of the schema, from a file `NNN-name.sql`. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /**
   * The oldest program that can work with the database after this step is the one whose newest step has this number. A
   * line `-- works with N` in the file says it, of steps that only add; absent: the step's own number, nobody older can.
   */
  readonly worksWith: number;
}

/** A step that a database remembers; `worksWith` where programs of several versions may use it at once. */
export type Applied = Pick<Migration, 'number' | 'name' | 'checksum'> & { readonly worksWith?: number };

const WORKS_WITH = /^-- works with (\d+)$/m;

/** All steps of a folder, in their order. */
export function readMigrations(folder: URL): readonly Migration[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.sql'));
  return files.sort().map(file => {
    const sql = readFileSync(new URL(file, folder), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    const number = Number.parseInt(file, 10);
    const worksWith = Number(WORKS_WITH.exec(sql)?.[1] ?? number);
    return { number, name: file.replace(/\.sql$/, ''), sql, checksum, worksWith };
  });
}

/** The number of the newest step. */
export function newestOf(migrations: readonly Pick<Migration, 'number'>[]): number {
  return migrations.at(-1)?.number ?? 0;
}

/**
 * The steps that are missing, none when the database is newer and yet works with this program; throws when it does not,
 * or is of another line.
 */
export function missingMigrations(
  applied: readonly Applied[],
  known: readonly Migration[],
): readonly Migration[] {
  for (const [i, row] of applied.entries()) {
    const ours = known[i];
    if (ours === undefined) {
      if (row.worksWith !== undefined && row.worksWith <= newestOf(known)) continue;
      throw new Error(
        `The database is newer than this program: it has migration ${row.name}, which is unknown here. Run a newer Postern.`,
      );
    }
    if (ours.number !== row.number || ours.checksum !== row.checksum) {
      throw new Error(
        `The database was made by another line of this program: migration ${row.name} differs from ours (${ours.name}). Nothing was changed.`,
      );
    }
  }
  return known.slice(applied.length);
}
