import { TempMailError } from '../../core/temp-mail-refusal.ts';
import { type Route, type RouteDescription, route } from '../dialect.ts';
import { present } from '../present.ts';
import { describeRoute, SMALL_BODY } from './open-routes.ts';
import { policyIn, viewPolicy } from './policy-fields.ts';
import { type Fields, fieldsOf, idFromPath, letterOf, text, wholeNumber, windowOf } from './read-fields.ts';
import { ADDED_ADDRESS_SCHEMA, BALANCE_SCHEMA, LETTER_FROM_SCHEMA, POLICY_SCHEMA } from './schema.ts';
import { json, OK, SUCCESS, viewBalance, viewList, viewNewAddress } from './views.ts';

const WHOLE_LIST = { limit: 100, offset: 0 };

/** What administrators may do with addresses. */
const addressRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/admin/new_address',
    access: 'temp-mail admin',
    operation: 'tempMailAdd',
    bodyLimit: SMALL_BODY,
    parse(request) {
      const fields = fieldsOf(request);
      const hasPrefix = Boolean(fields['enablePrefix']);
      return { name: text(fields, 'name'), domain: text(fields, 'domain'), hasPrefix };
    },
    reply: viewNewAddress,
    description: {
      ...explain('A new address for somebody else', '`{jwt, address, password, address_id}`'),
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
    description: explain('The JWT of an address', '`{jwt}`'),
  }),
  route({
    method: 'DELETE',
    path: '/admin/delete_address/:id',
    access: 'temp-mail admin',
    operation: 'tempMailRemove',
    parse: idFromPath,
    reply: () => SUCCESS,
    description: explain('Remove an address with all it has', '`{success: true}`'),
  }),
  route({
    method: 'POST',
    path: '/admin/send_mail',
    access: 'temp-mail admin',
    operation: 'tempMailSendAs',
    parse(request) {
      const fields = fieldsOf(request);
      return { from: text(fields, 'from_mail'), message: letterOf(fields) };
    },
    reply: () => OK,
    description: {
      ...explain('Send as any address, at no cost', 'The message is on disk, and was not refused'),
      body: LETTER_FROM_SCHEMA,
    },
  }),
];

/** What they may do with balances and limits. */
const limitRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/admin/address_sender',
    access: 'temp-mail admin',
    operation: 'tempMailBalances',
    parse(request) {
      const address = request.query.get('address') ?? '';
      return { ...windowOf(request, WHOLE_LIST), ...present({ address: address || undefined }) };
    },
    reply: (balances, request) => viewList(balances, windowOf(request, WHOLE_LIST), viewBalance),
    description: {
      ...explain('What addresses may still send, newest first', '`{results, count}`'),
      query: {
        limit: '1 to 100; absent: 100',
        offset: 'From 0; `count` is said at 0 only',
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
    parse: request => balanceIn(fieldsOf(request)),
    reply: () => SUCCESS,
    description: {
      ...explain('Set what an address may still send', '`{success: true}`'),
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
    description: explain('Forget a balance; its next use makes it anew', '`{success: true}`'),
  }),
  route({
    method: 'GET',
    path: '/admin/account_settings',
    access: 'temp-mail admin',
    operation: 'tempMailPolicy',
    parse: () => ({}),
    reply: viewPolicy,
    description: explain('The block list and the quotas', '`{sendBlockList, sendMailLimitConfig}`'),
  }),
  route({
    method: 'POST',
    path: '/admin/account_settings',
    access: 'temp-mail admin',
    operation: 'tempMailSetPolicy',
    parse: request => policyIn(fieldsOf(request)),
    reply: () => SUCCESS,
    description: {
      ...explain('Change them; what is absent stays as it is', '`{success: true}`'),
      body: POLICY_SCHEMA,
    },
  }),
];

/** What administrators may do, with `x-admin-auth`. */
export const adminRoutes: readonly Route[] = [...addressRoutes, ...limitRoutes];

function balanceIn(fields: Fields) {
  const id = wholeNumber(fields['address_id']) ?? 0;
  if (id === 0) throw new TempMailError('balance-id');
  const balance = wholeNumber(fields['balance']);
  if (balance === undefined) throw new TempMailError('input');
  return { id, address: text(fields, 'address'), balance, isEnabled: Boolean(fields['enabled']) };
}

function explain(summary: string, success: string): RouteDescription {
  const description = describeRoute(summary, success);
  return { ...description, headers: { ...description.headers, 'x-admin-auth': 'An admin password' } };
}
