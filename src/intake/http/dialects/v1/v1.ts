import { keyOfAuthorization } from '../../authorization.ts';
import type { Dialect } from '../../dialect.ts';
import { accountRoutes } from './accounts.ts';
import { addressRoutes } from './addresses.ts';
import { auditRoute } from './audit.ts';
import { bounceRoute } from './bounces.ts';
import { sessionOf } from './cookie.ts';
import { sayError } from './errors.ts';
import { historyRoutes } from './history.ts';
import { interventionRoutes } from './interventions.ts';
import { keyRoutes } from './keys.ts';
import { overviewRoutes } from './overview.ts';
import { partRoutes } from './parts.ts';
import { providerActionRoutes } from './provider-actions.ts';
import { providerCheckRoutes } from './provider-checks.ts';
import { providerRoutes } from './providers.ts';
import { rawRoute } from './raw.ts';
import { ERROR_SCHEMA } from './reply-schemas.ts';
import { secretRoutes } from './secret.ts';
import { sendingRoutes } from './sending.ts';
import { sessionRoutes } from './session.ts';
import { userRoutes } from './users.ts';

/** Our own API. It also answers for every path that is nobody else's, so it comes last. */
export const v1: Dialect = {
  name: 'v1',
  owns: () => true,
  routes: [
    ...sendingRoutes,
    rawRoute,
    ...historyRoutes,
    ...partRoutes,
    ...interventionRoutes,
    ...providerRoutes,
    ...providerActionRoutes,
    ...providerCheckRoutes,
    ...keyRoutes,
    ...accountRoutes,
    ...addressRoutes,
    ...secretRoutes,
    ...overviewRoutes,
    bounceRoute,
    auditRoute,
    ...sessionRoutes,
    ...userRoutes,
  ],
  allowsKeyless: false,
  credential: request => keyOfAuthorization(request.headers['authorization']) ?? sessionOf(request),
  errorSchema: ERROR_SCHEMA,
  sayError,
};
