import { providersCases } from '../../../../../test/golden/providers.ts';
import { describeDialect } from '../../../../../test/suites/dialect.ts';
import { providers } from './providers.ts';

describeDialect(providers, providersCases);
