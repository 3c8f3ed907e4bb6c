import { afterAll, beforeAll, describe } from 'vitest';
import {
  createPostgresHarness,
  type PostgresServer,
  startPostgres,
} from '../../../test/helpers/store-postgres.ts';
import { describeManyNodes } from '../../../test/suites/store/many-nodes.ts';
import { describeStore } from '../../../test/suites/store.ts';

describe('postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());
  describeStore('PostgreSQL', () => createPostgresHarness(server));
  describeManyNodes('listening', () => createPostgresHarness(server));
  describeManyNodes('looking', () => createPostgresHarness(server, 'pool=6&listen=off'));
});
