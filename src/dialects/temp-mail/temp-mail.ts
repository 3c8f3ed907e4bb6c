import { TempMailError } from '../../core/temp-mail-refusal.ts';
import type { Access } from '../../operations/operation.ts';
import type { Credential, Dialect, DialectRequest } from '../dialect.ts';
import { adminRoutes } from './admin-routes.ts';
import { sayError } from './error-reply.ts';
import { ownerRoutes } from './owner-routes.ts';
import { publicRoutes } from './public-routes.ts';
import { parseFields } from './read-fields.ts';

/** Paths below /api that need no JWT. */
const PUBLIC_PATHS = ['/api/new_address', '/api/address_login'];
const ROOTS = ['/api/', '/admin/', '/external/', '/open_api/'];

/** The temp-mail API. It replies with JSON or one line of text, in English or Chinese, also to web pages of other sites. */
export function tempMail({
  isSitePassword,
}: {
  /** Absent: no site password is configured. */
  readonly isSitePassword?: (given: string) => boolean;
} = {}): Dialect {
  return {
    name: 'temp-mail',
    // Other dialects come before this one and own parts of /api.
    owns: path => path === '/health_check' || ROOTS.some(root => path.startsWith(root)),
    routes: [...publicRoutes(isSitePassword), ...ownerRoutes, ...adminRoutes],
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
      // `*` does not include Authorization.
      'access-control-allow-headers': 'Authorization,Content-Type,x-admin-auth,x-custom-auth,x-lang,*',
    },
    sayError,
  };
}

/** Unknown paths need a credential too, so that a caller without one cannot find out which paths exist. */
function accessOfUnrouted(path: string): Access {
  if (path.startsWith('/admin/')) return 'temp-mail admin';
  return path.startsWith('/api/') && !PUBLIC_PATHS.includes(path) ? 'address' : 'anyone';
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

/** RFC 9110, section 11.1: the scheme is case-insensitive. */
function bearerOf(authorization = ''): string | undefined {
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
}

function tokenInBody(request: DialectRequest): string | undefined {
  if (request.body.length === 0) return undefined;
  const { token } = parseFields(request);
  return typeof token === 'string' && token !== '' ? token : undefined;
}
