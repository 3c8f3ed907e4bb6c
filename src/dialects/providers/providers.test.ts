import { describeDialect } from '../../../test/suites/dialect.ts';
import { providersCases } from './providers.cases.ts';
import { providers } from './providers.ts';

describeDialect(providers, providersCases);
