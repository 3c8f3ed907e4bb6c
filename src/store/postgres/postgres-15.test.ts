import { afterAll, beforeAll, describe } from 'vitest';
import { needs } from '../../../test/helpers/programs/outside.ts';
import { type PostgresServer, startPostgres } from '../../../test/helpers/stores/postgres-server.ts';
import { reusingHarnesses } from '../../../test/helpers/stores/store-postgres.ts';
import { describeManyNodes } from '../../../test/suites/store/many-nodes.ts';
import { describeStore } from '../../../test/suites/store.ts';

describe.runIf(needs('the store on PostgreSQL 15', 'postgresql/15/bin/postgres'))(
  'the oldest release',
  () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await startPostgres(undefined, 15);
    });
    afterAll(() => server.stop());
    describeStore(
      'PostgreSQL 15',
      reusingHarnesses(() => server),
    );
    describeManyNodes(
      'PostgreSQL 15',
      reusingHarnesses(() => server),
    );
  },
);
