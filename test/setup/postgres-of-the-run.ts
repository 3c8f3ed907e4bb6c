import type { TestProject } from 'vitest/node';
import { startPostgres } from '../helpers/stores/postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL for each worker of the run: `postgres://user:password@host:port`. */
    readonly postgres: readonly string[];
  }
}

/** Nothing of it need outlive the machine; and a gate of a test in which many run has some ten connections. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'autovacuum=off', 'max_connections=300'];

/**
 * From before the first test file of the project to after the last. Each worker has a server of its own: one's open
 * transactions hold back the readers of events in all databases of a server.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const count = Number(project.config.maxWorkers);
  const servers = await Promise.all(Array.from({ length: count }, () => startPostgres(SETTINGS)));
  project.provide(
    'postgres',
    servers.map(server => server.url('').replace(/\/$/, '')),
  );
  return async () => void (await Promise.all(servers.map(server => server.stop())));
}
