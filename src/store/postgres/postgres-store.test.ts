import { afterAll, beforeAll, describe } from 'vitest';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { reusingHarnesses } from '../../../test/helpers/stores/store-postgres.ts';
import { describeManyNodes } from '../../../test/suites/store/many-nodes.ts';
import { describeStore } from '../../../test/suites/store.ts';

describe('postgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  describeStore(
    'PostgreSQL',
    reusingHarnesses(() => server),
  );
  describeManyNodes(
    'listening',
    reusingHarnesses(() => server),
  );
  describeManyNodes(
    'looking',
    reusingHarnesses(() => server, 'pool=6&listen=off'),
  );
});
