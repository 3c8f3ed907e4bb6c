import { type Route, type RouteDescription, route } from '../dialect.ts';
import { type Fields, parseFields, readText } from './read-fields.ts';
import { LOGIN_SCHEMA, NEW_ADDRESS_SCHEMA } from './schema.ts';
import { hasHeader, json, viewInfo, viewNewAddress } from './views.ts';

/** The largest body in bytes for requests with a few short fields. */
export const SMALL_BODY = 64 * 1024;
/** The section of this API in /openapi.json. */
const TAG = 'Temp mail';

/** Routes that need no credential of an address. */
export function publicRoutes(isSitePassword: ((given: string) => boolean) | undefined): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/health_check',
      access: 'anyone',
      operation: 'tempMailInfo',
      parse: () => ({}),
      reply: () => ({ status: 200, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: 'OK' }),
      description: describeRoute('Check that the API works', 'The text OK'),
    }),
    route({
      method: 'GET',
      path: '/open_api/settings',
      access: 'anyone',
      operation: 'tempMailInfo',
      parse: () => ({}),
      reply(info, request) {
        const password = request.headers['x-custom-auth'] ?? '';
        const isCorrect = hasHeader(request, 'x-custom-auth') && isSitePassword?.(password) === true;
        return viewInfo(info, info.hasSitePassword && !isCorrect);
      },
      description: describeRoute('Get the domains, the prefix and the SMTP settings', 'The settings'),
    }),
    route({
      method: 'POST',
      path: '/api/new_address',
      access: 'anyone',
      operation: 'tempMailOpen',
      bodyLimit: SMALL_BODY,
      parse(request) {
        const fields: Fields = request.body.length === 0 ? {} : parseFields(request);
        return { name: readText(fields, 'name'), domain: readText(fields, 'domain') };
      },
      reply: viewNewAddress,
      description: {
        ...describeRoute('Create an address', '`{jwt, address, password, address_id}`'),
        body: NEW_ADDRESS_SCHEMA,
      },
    }),
    route({
      method: 'POST',
      path: '/api/address_login',
      access: 'anyone',
      operation: 'tempMailLogIn',
      bodyLimit: SMALL_BODY,
      parse(request) {
        const fields = parseFields(request);
        return { address: readText(fields, 'email'), password: readText(fields, 'password') };
      },
      reply: ({ jwt, address }) => json({ jwt, address: address.address }),
      description: {
        ...describeRoute('Get the JWT of an address with its password', '`{jwt, address}`'),
        body: LOGIN_SCHEMA,
      },
    }),
  ];
}

/** The description that all routes of this API have in common. */
export function describeRoute(summary: string, success: string): RouteDescription {
  return {
    tag: TAG,
    summary,
    headers: {
      'x-lang': '`zh` for Chinese messages',
      'x-custom-auth': 'The site password, if one is configured',
    },
    replies: {
      200: { description: success },
      400: { description: 'The error, as one line of text' },
      401: { description: 'The credential is missing or wrong' },
    },
  };
}
