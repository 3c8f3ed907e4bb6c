import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Access } from '../../operations/operation.ts';
import type { Credential, Dialect, DialectRequest } from '../dialect.ts';
import { adminRoutes } from './admin-routes.ts';
import { sayError } from './error-reply.ts';
import { holderRoutes } from './holder-routes.ts';
import { openRoutes } from './open-routes.ts';
import { fieldsOf } from './read-fields.ts';

/** Below /api, and without a JWT. */
const OPEN_PATHS = ['/api/new_address', '/api/address_login'];
const ROOTS = ['/api/', '/admin/', '/external/', '/open_api/'];

/** The temp-mail API: JSON or one line of text, for pages of any site, in English or Chinese. */
export function tempMail({
  isSitePassword,
}: {
  /** Absent: there is no site password. */
  readonly isSitePassword?: (given: string) => boolean;
} = {}): Dialect {
  return {
    name: 'temp-mail',
    // Of /api it has what others that are asked before have left.
    owns: path => path === '/health_check' || ROOTS.some(root => path.startsWith(root)),
    routes: [...openRoutes(isSitePassword), ...holderRoutes, ...adminRoutes],
    allowsKeyless: false,
    enter({ path, headers }) {
      if (isSitePassword === undefined || path.startsWith('/open_api/')) return;
      if (!isSitePassword(headers['x-custom-auth'] ?? '')) throw new TempMailError('site-password');
    },
    accessOfUnrouted,
    credential,
    everyReply: { 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' },
    preflight: {
      'access-control-allow-methods': 'GET,HEAD,PUT,POST,DELETE,PATCH',
      // `*` covers all header fields but Authorization.
      'access-control-allow-headers': 'Authorization,Content-Type,x-admin-auth,x-custom-auth,x-lang,*',
    },
    sayError,
  };
}

/** Whatever is below these roots and is not for anybody is for those who hold a credential. */
function accessOfUnrouted(path: string): Access {
  if (path.startsWith('/admin/')) return 'temp-mail admin';
  return path.startsWith('/api/') && !OPEN_PATHS.includes(path) ? 'address' : 'anyone';
}

function credential(request: DialectRequest): Credential | undefined {
  const { path, headers } = request;
  if (path.startsWith('/admin/')) {
    const password = headers['x-admin-auth'] ?? '';
    return password === '' ? undefined : { kind: 'temp-mail admin', password };
  }
  const token = path.startsWith('/external/') ? tokenInBody(request) : bearerOf(headers['authorization']);
  return token === undefined ? undefined : { kind: 'address', token };
}

/** RFC 9110 11.1: the scheme in any capitals. */
function bearerOf(authorization = ''): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function tokenInBody(request: DialectRequest): string | undefined {
  if (request.body.length === 0) return undefined;
  const { token } = fieldsOf(request);
  return typeof token === 'string' && token !== '' ? token : undefined;
}
