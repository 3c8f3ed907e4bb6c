import { type Route, type RouteDescription, route } from '../dialect.ts';
import { type Fields, fieldsOf, text } from './read-fields.ts';
import { LOGIN_SCHEMA, NEW_ADDRESS_SCHEMA } from './schema.ts';
import { carries, json, viewNewAddress, viewOffer } from './views.ts';

/** Bytes of a body that holds a few words. */
export const SMALL_BODY = 64 * 1024;
/** The heading of this API in the description. */
const TAG = 'Temp mail';

/** What anybody may ask for. */
export function openRoutes(isSitePassword: ((given: string) => boolean) | undefined): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/health_check',
      access: 'anyone',
      operation: 'tempMailInfo',
      parse: () => ({}),
      reply: () => ({ status: 200, headers: { 'content-type': 'text/plain;charset=UTF-8' }, body: 'OK' }),
      description: describeRoute('Whether it is there', 'The word OK'),
    }),
    route({
      method: 'GET',
      path: '/open_api/settings',
      access: 'anyone',
      operation: 'tempMailInfo',
      parse: () => ({}),
      reply(offer, request) {
        const given = request.headers['x-custom-auth'] ?? '';
        const knows = carries(request, 'x-custom-auth') && isSitePassword?.(given) === true;
        return viewOffer(offer, offer.hasSitePassword && !knows);
      },
      description: describeRoute('Where addresses can be had, and how their holders send', 'The settings'),
    }),
    route({
      method: 'POST',
      path: '/api/new_address',
      access: 'anyone',
      operation: 'tempMailOpen',
      bodyLimit: SMALL_BODY,
      parse(request) {
        const fields: Fields = request.body.length === 0 ? {} : fieldsOf(request);
        return { name: text(fields, 'name'), domain: text(fields, 'domain') };
      },
      reply: viewNewAddress,
      description: {
        ...describeRoute('A new address for whoever asks', '`{jwt, address, password, address_id}`'),
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
        const fields = fieldsOf(request);
        return { address: text(fields, 'email'), password: text(fields, 'password') };
      },
      reply: ({ jwt, address }) => json({ jwt, address: address.address }),
      description: {
        ...describeRoute('The JWT of an address, for its password', '`{jwt, address}`'),
        body: LOGIN_SCHEMA,
      },
    }),
  ];
}

/** A route for the description of this API. */
export function describeRoute(summary: string, success: string): RouteDescription {
  return {
    tag: TAG,
    summary,
    headers: {
      'x-lang': '`zh` for Chinese messages',
      'x-custom-auth': 'The site password, where there is one',
    },
    replies: {
      200: { description: success },
      400: { description: 'What is wrong, as one line of text' },
      401: { description: 'The credential is missing or wrong' },
    },
  };
}
