/**
 * The files of test/integration and test/e2e that do not run a second time with PostgreSQL, each with the reason. All
 * others run with both engines.
 */
export const RUNS_ONCE: Readonly<Record<string, string>> = {
  // No store is asked for anything that the test is about.
  'e2e/program/bench.test.ts': 'reads the options of the bench, which chooses its stores itself',
  'e2e/dashboard/browser.test.ts': 'is about headers, CORS and pages that are the same whatever is stored',
  'e2e/dashboard/dashboard-browser-hostile.test.ts': 'is about what a page does with what the API gave it',
  'e2e/dashboard/dashboard-browser-manage.test.ts': 'is about pages, as dashboard-browser.test.ts',
  'e2e/dashboard/dashboard-browser-trouble.test.ts': 'is about pages, as dashboard-browser.test.ts',
  'e2e/dashboard/dashboard-browser.test.ts':
    'is about pages; what they ask is asked of both engines by dashboard-api-*',
  'e2e/dashboard/dashboard-figures.test.ts': 'measures pages over a database file that is made for it',
  'e2e/program/debugging.test.ts': 'runs what docs/debugging.md says of the file of SQLite',
  'e2e/program/deployment.test.ts':
    'runs what deployment.md, postgresql.md and upgrade.md say, with the engines that they say it of',
  'e2e/clients/documents-api.test.ts': 'asks a gate for its description',
  'e2e/clients/documents.test.ts': 'runs the documents as they stand, which is with SQLite',
  'e2e/program/image.test.ts': 'is about what is in the image, and starts a gate only to see that it does',
  'e2e/program/launcher.test.ts': 'is about finding a Node to run with',
  'integration/mime-corpus.test.ts': 'is about bytes and who reads them: there is no gate',
  'integration/no-process-left.test.ts': 'is about processes; it starts a gate only to see that it ends',
  'e2e/program/package.test.ts':
    'is about what is in the package, and starts a gate only to see that it does',
  'e2e/program/readme.test.ts': 'runs README.md as it stands, which is with SQLite',
  'integration/ssrf.test.ts':
    'is about where /api/smtp connects to, which is decided before anything is stored',
  // They have a PostgreSQL, or both engines, of their own.
  'e2e/cluster/cluster-consistency.test.ts': 'has a PostgreSQL of its own',
  'e2e/cluster/cluster-limits.test.ts': 'has a PostgreSQL of its own',
  'e2e/cluster/cluster-outage.test.ts': 'has a PostgreSQL of its own',
  'e2e/cluster/cluster.test.ts': 'has a PostgreSQL of its own',
  'e2e/cluster/compose.test.ts': 'runs compose.yaml, which has a PostgreSQL',
  'e2e/cluster/move-to-postgres.test.ts': 'moves from one engine to the other',
  'e2e/cluster/pgbouncer.test.ts': 'has a PostgreSQL behind a pooler',
  'e2e/cluster/postgres-promises.test.ts': 'watches a PostgreSQL of its own',
  'e2e/durability/promises.test.ts':
    'watches the files of SQLite; postgres-promises.test.ts does that for PostgreSQL',
  'e2e/cluster/rolling-upgrade.test.ts': 'has gates of two versions on one PostgreSQL',
  'e2e/cluster/shared-breakers.test.ts': 'has two gates on one PostgreSQL',
};
