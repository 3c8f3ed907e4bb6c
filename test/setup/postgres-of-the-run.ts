import type { TestProject } from 'vitest/node';
import { startPostgres } from '../helpers/postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The PostgreSQL of the run: `postgres://user:password@host:port`. */
    readonly postgres: string;
  }
}

/** Nothing of it need outlive the machine; and a gate of a test in which many run has some ten connections. */
const SETTINGS = ['fsync=off', 'full_page_writes=off', 'autovacuum=off', 'max_connections=300'];

/** One PostgreSQL for all test files of the project, from before the first to after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres(SETTINGS);
  project.provide('postgres', server.url('').replace(/\/$/, ''));
  return () => server.stop();
}
