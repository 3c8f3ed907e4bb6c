import { keyOfAuthorization } from '../authorization.ts';
import type { Dialect } from '../dialect.ts';
import { accountRoutes } from './account-routes.ts';
import { addressRoutes } from './address-routes.ts';
import { auditRoute } from './audit-routes.ts';
import { bounceRoute } from './bounce-routes.ts';
import { sessionOf } from './cookie.ts';
import { sayError } from './error-reply.ts';
import { historyRoutes } from './history-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { interventionRoutes } from './message-action-routes.ts';
import { overviewRoutes } from './overview-routes.ts';
import { partRoutes } from './part-routes.ts';
import { providerActionRoutes } from './provider-action-routes.ts';
import { providerCheckRoutes } from './provider-check-routes.ts';
import { providerRoutes } from './provider-routes.ts';
import { rawRoute } from './raw-routes.ts';
import { ERROR_SCHEMA } from './reply-schemas.ts';
import { secretRoutes } from './secret-routes.ts';
import { sendingRoutes } from './sending-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { userRoutes } from './user-routes.ts';

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
