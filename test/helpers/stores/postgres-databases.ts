import pg from 'pg';

/** The databases of a PostgreSQL server, for whoever may make some there. */
export interface PostgresDatabases {
  readonly url: (database: string) => string;
  createDatabase(name: string): Promise<void>;
  /** Cuts whoever is still connected to it. */
  dropDatabase(name: string): Promise<void>;
  /** Runs statements of a test's own; resolves with the rows of the last. */
  query<Row extends object>(database: string, sql: string): Promise<readonly Row[]>;
}

/** It is there, and: it came while we made it. */
const IS_THERE = new Set(['42P04', '23505']);

/** Those of a server by its URL without a database: `postgres://user:password@host:port`. */
export function databasesAt(server: string): PostgresDatabases {
  const url = (database: string) => `${server}/${database}`;

  async function query<Row extends object>(database: string, sql: string): Promise<readonly Row[]> {
    const client = new pg.Client({ connectionString: url(database) });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  return {
    ...{ url, query },
    async createDatabase(name) {
      await query('postgres', `create database "${name}"`);
    },
    async dropDatabase(name) {
      await query('postgres', `drop database if exists "${name}" with (force)`);
    },
  };
}

/** Makes a database unless it is there. */
export async function ensureDatabase(databases: PostgresDatabases, name: string): Promise<void> {
  try {
    await databases.createDatabase(name);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !IS_THERE.has(error.code ?? '')) throw error;
  }
}
