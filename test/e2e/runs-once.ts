/**
 * The test files that are not run a second time with PostgreSQL under the gates, each with why. Every other file of this
 * folder is run with both engines.
 */
export const RUNS_ONCE: Readonly<Record<string, string>> = {
  // No store is asked for anything that the test is about.
  'bench.test.ts': 'reads the options of the bench, which chooses its stores itself',
  'browser.test.ts': 'is about headers, CORS and pages that are the same whatever is stored',
  'dashboard-browser-hostile.test.ts': 'is about what a page does with what the API gave it',
  'dashboard-browser-manage.test.ts': 'is about pages, as dashboard-browser.test.ts',
  'dashboard-browser-trouble.test.ts': 'is about pages, as dashboard-browser.test.ts',
  'dashboard-browser.test.ts': 'is about pages; what they ask is asked of both engines by dashboard-api-*',
  'dashboard-figures.test.ts': 'measures pages over a database file that is made for it',
  'debugging.test.ts': 'runs what docs/debugging.md says of the file of SQLite',
  'deployment.test.ts':
    'runs what deployment.md, postgresql.md and upgrade.md say, with the engines that they say it of',
  'documents-api.test.ts': 'asks a gate for its description',
  'documents.test.ts': 'runs the documents as they stand, which is with SQLite',
  'image.test.ts': 'is about what is in the image, and starts a gate only to see that it does',
  'launcher.test.ts': 'is about finding a Node to run with',
  'mime-corpus.test.ts': 'is about bytes and who reads them: there is no gate',
  'no-process-left.test.ts': 'is about processes; it starts a gate only to see that it ends',
  'package.test.ts': 'is about what is in the package, and starts a gate only to see that it does',
  'readme.test.ts': 'runs README.md as it stands, which is with SQLite',
  'ssrf.test.ts': 'is about where /api/smtp connects to, which is decided before anything is stored',
  // They have a PostgreSQL, or both engines, of their own.
  'cluster-consistency.test.ts': 'has a PostgreSQL of its own',
  'cluster-limits.test.ts': 'has a PostgreSQL of its own',
  'cluster-outage.test.ts': 'has a PostgreSQL of its own',
  'cluster.test.ts': 'has a PostgreSQL of its own',
  'compose.test.ts': 'runs compose.yaml, which has a PostgreSQL',
  'move-to-postgres.test.ts': 'moves from one engine to the other',
  'pgbouncer.test.ts': 'has a PostgreSQL behind a pooler',
  'postgres-promises.test.ts': 'watches a PostgreSQL of its own',
  'promises.test.ts': 'watches the files of SQLite; postgres-promises.test.ts does that for PostgreSQL',
  'rolling-upgrade.test.ts': 'has gates of two versions on one PostgreSQL',
  'shared-breakers.test.ts': 'has two gates on one PostgreSQL',
};
