import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** A step of the schema, from a file `NNN-name.sql`. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/** A step that a database remembers. */
export type Applied = Pick<Migration, 'number' | 'name' | 'checksum'>;

/** All steps of a folder, in their order. */
export function readMigrations(folder: URL): readonly Migration[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.sql'));
  return files.sort().map(file => {
    const sql = readFileSync(new URL(file, folder), 'utf8');
    const checksum = createHash('sha256').update(sql).digest('hex');
    return { number: Number.parseInt(file, 10), name: file.replace(/\.sql$/, ''), sql, checksum };
  });
}

/** The steps that are missing; throws when the database is newer than the program, or of another line. */
export function missingMigrations(
  applied: readonly Applied[],
  known: readonly Migration[],
): readonly Migration[] {
  for (const [i, row] of applied.entries()) {
    const ours = known[i];
    if (ours === undefined) {
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
