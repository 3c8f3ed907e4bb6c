import { createSqliteHarness } from '../../../test/helpers/store-sqlite.ts';
import { describeStore } from '../../../test/suites/store.ts';

describeStore('SQLite', createSqliteHarness);
