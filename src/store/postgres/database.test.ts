import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { type Database, openDatabase } from './database.ts';

describe('a pool of connections', () => {
  let server: PostgresServer;
  let db: Database;

  beforeAll(async () => {
    server = await startPostgres();
    await server.createDatabase('pooled');
    db = openDatabase({ url: server.url('pooled'), maxConnections: 1 });
    await db.change('create table t (n integer)');
    await db.change('insert into t values ($1)', [7]);
  });
  afterAll(async () => {
    await db.close();
    await server.stop();
  });

  const ask = () => db.often('select * from t where n = $1', [7]);
  const prepared = () =>
    db.rows<{ statement: string }>(
      `select statement from pg_prepared_statements where statement like '%from t%'`,
    );

  it('has planned once what comes often, and nothing else', async () => {
    for (let i = 0; i < 10; i++)
      expect(await db.rows('select n from t where n = $1', [7])).toEqual([{ n: 7 }]);
    expect(await prepared()).toEqual([]);
    for (let i = 0; i < 10; i++) expect(await ask()).toEqual([{ n: 7 }]);
    expect(await prepared()).toHaveLength(1);
  });

  it('goes on when a migration changed what that returns, in a transaction, too', async () => {
    await db.change('alter table t add column word text');
    expect(await ask()).toEqual([{ n: 7, word: null }]);
    await db.change('alter table t add column more integer');
    const inTransaction = await db.transaction(sql => sql.often('select * from t where n = $1', [7]));
    expect(inTransaction).toEqual([{ n: 7, word: null, more: null }]);
  });
});
