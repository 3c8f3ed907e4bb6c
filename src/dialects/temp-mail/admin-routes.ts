import { TempMailError } from '../../core/temp-mail-refusal.ts';
import { type Route, type RouteDescription, route } from '../dialect.ts';
import { present } from '../present.ts';
import { readPolicy, viewPolicy } from './policy-fields.ts';
import { describeRoute, SMALL_BODY } from './public-routes.ts';
import {
  type Fields,
  idFromPath,
  parseFields,
  parseWholeNumber,
  readMessage,
  readRange,
  readText,
} from './read-fields.ts';
import { ADDED_ADDRESS_SCHEMA, BALANCE_SCHEMA, MESSAGE_FROM_SCHEMA, POLICY_SCHEMA } from './schema.ts';
import { json, OK, SUCCESS, viewBalance, viewList, viewNewAddress } from './views.ts';

const WHOLE_LIST = { limit: 100, offset: 0 };

/** Routes of administrators for addresses. */
const adminAddressRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/admin/new_address',
    access: 'temp-mail admin',
    operation: 'tempMailAdd',
    bodyLimit: SMALL_BODY,
    parse(request) {
      const fields = parseFields(request);
      const hasPrefix = Boolean(fields['enablePrefix']);
      return { name: readText(fields, 'name'), domain: readText(fields, 'domain'), hasPrefix };
    },
    reply: viewNewAddress,
    description: {
      ...describeAdminRoute('Create an address', '`{jwt, address, password, address_id}`'),
      body: ADDED_ADDRESS_SCHEMA,
    },
  }),
  route({
    method: 'GET',
    path: '/admin/show_password/:id',
    access: 'temp-mail admin',
    operation: 'tempMailJwt',
    parse: idFromPath,
    reply: jwt => json({ jwt }),
    description: describeAdminRoute('Get the JWT of an address', '`{jwt}`'),
  }),
  route({
    method: 'DELETE',
    path: '/admin/delete_address/:id',
    access: 'temp-mail admin',
    operation: 'tempMailRemove',
    parse: idFromPath,
    reply: () => SUCCESS,
    description: describeAdminRoute('Delete an address with its balance and sent items', '`{success: true}`'),
  }),
  route({
    method: 'POST',
    path: '/admin/send_mail',
    access: 'temp-mail admin',
    operation: 'tempMailSendAs',
    parse(request) {
      const fields = parseFields(request);
      return { from: readText(fields, 'from_mail'), message: readMessage(fields) };
    },
    reply: () => OK,
    description: {
      ...describeAdminRoute(
        'Send as any address, without a charge',
        'The message is stored and was not refused',
      ),
      body: MESSAGE_FROM_SCHEMA,
    },
  }),
];

/** Routes of administrators for balances and limits. */
const limitRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/admin/address_sender',
    access: 'temp-mail admin',
    operation: 'tempMailBalances',
    parse(request) {
      const address = request.query.get('address') ?? '';
      return { ...readRange(request, WHOLE_LIST), ...present({ address: address || undefined }) };
    },
    reply: (balances, request) => viewList(balances, readRange(request, WHOLE_LIST), viewBalance),
    description: {
      ...describeAdminRoute('List the balances of addresses, newest first', '`{results, count}`'),
      query: {
        limit: '1 to 100; absent: 100',
        offset: 'From 0; `count` is 0 if the offset is not 0',
        address: 'Only addresses that contain this',
      },
    },
  }),
  route({
    method: 'POST',
    path: '/admin/address_sender',
    access: 'temp-mail admin',
    operation: 'tempMailSetBalance',
    bodyLimit: SMALL_BODY,
    parse: request => readBalance(parseFields(request)),
    reply: () => SUCCESS,
    description: {
      ...describeAdminRoute('Set the balance of an address', '`{success: true}`'),
      body: BALANCE_SCHEMA,
    },
  }),
  route({
    method: 'DELETE',
    path: '/admin/address_sender/:id',
    access: 'temp-mail admin',
    operation: 'tempMailRemoveBalance',
    parse: idFromPath,
    reply: () => SUCCESS,
    description: describeAdminRoute(
      'Delete a balance; the next use of the address creates it again',
      '`{success: true}`',
    ),
  }),
  route({
    method: 'GET',
    path: '/admin/account_settings',
    access: 'temp-mail admin',
    operation: 'tempMailPolicy',
    parse: () => ({}),
    reply: viewPolicy,
    description: describeAdminRoute(
      'Get the block list and the quotas',
      '`{sendBlockList, sendMailLimitConfig}`',
    ),
  }),
  route({
    method: 'POST',
    path: '/admin/account_settings',
    access: 'temp-mail admin',
    operation: 'tempMailSetPolicy',
    parse: request => readPolicy(parseFields(request)),
    reply: () => SUCCESS,
    description: {
      ...describeAdminRoute(
        'Change the block list and the quotas; absent fields stay as they are',
        '`{success: true}`',
      ),
      body: POLICY_SCHEMA,
    },
  }),
];

/** Routes of administrators. They need the header `x-admin-auth`. */
export const adminRoutes: readonly Route[] = [...adminAddressRoutes, ...limitRoutes];

function readBalance(fields: Fields) {
  const id = parseWholeNumber(fields['address_id']) ?? 0;
  if (id === 0) throw new TempMailError('balance-id');
  const balance = parseWholeNumber(fields['balance']);
  if (balance === undefined) throw new TempMailError('input');
  return { id, address: readText(fields, 'address'), balance, isEnabled: Boolean(fields['enabled']) };
}

function describeAdminRoute(summary: string, success: string): RouteDescription {
  const description = describeRoute(summary, success);
  return { ...description, headers: { ...description.headers, 'x-admin-auth': 'An admin password' } };
}
