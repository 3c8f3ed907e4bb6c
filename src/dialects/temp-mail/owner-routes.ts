import { type Route, route } from '../dialect.ts';
import { describeRoute } from './public-routes.ts';
import { parseFields, readMessage, readRange } from './read-fields.ts';
import { MESSAGE_SCHEMA, MESSAGE_WITH_TOKEN_SCHEMA } from './schema.ts';
import { json, OK, SUCCESS, viewList, viewSent } from './views.ts';

/** Routes of the owner of an address. They need its JWT. */
export const ownerRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/send_mail',
    access: 'address',
    operation: 'tempMailSend',
    parse: request => readMessage(parseFields(request)),
    reply: () => OK,
    description: {
      ...describeRoute('Send as the address in the JWT', 'The message is stored and was not refused'),
      body: MESSAGE_SCHEMA,
    },
  }),
  route({
    method: 'POST',
    path: '/external/api/send_mail',
    access: 'address',
    operation: 'tempMailSend',
    credentialMayBeInBody: true,
    parse: request => readMessage(parseFields(request)),
    reply: () => OK,
    description: {
      ...describeRoute('The same, with the JWT in the body', 'The message is stored and was not refused'),
      body: MESSAGE_WITH_TOKEN_SCHEMA,
    },
  }),
  route({
    method: 'POST',
    path: '/api/request_send_mail_access',
    access: 'address',
    operation: 'tempMailRequestAccess',
    parse: () => ({}),
    reply: () => OK,
    description: describeRoute('Request a balance', '`{status: "ok"}`'),
  }),
  route({
    method: 'GET',
    path: '/api/settings',
    access: 'address',
    operation: 'tempMailBalance',
    parse: () => ({}),
    reply: ({ address, balance }) => json({ address, send_balance: balance }),
    description: describeRoute('Get the address and its balance', '`{address, send_balance}`'),
  }),
  route({
    method: 'GET',
    path: '/api/sendbox',
    access: 'address',
    operation: 'tempMailSent',
    parse: request => readRange(request),
    reply: (sent, request) => viewList(sent, readRange(request), viewSent),
    description: {
      ...describeRoute('List the sent items, newest first', '`{results, count}`'),
      query: { limit: '1 to 100', offset: 'From 0; `count` is 0 if the offset is not 0' },
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/clear_sent_items',
    access: 'address',
    operation: 'tempMailClearSent',
    parse: () => ({}),
    reply: () => SUCCESS,
    description: describeRoute('Delete all sent items', '`{success: true}`'),
  }),
  route({
    method: 'DELETE',
    path: '/api/delete_address',
    access: 'address',
    operation: 'tempMailLeave',
    parse: () => ({}),
    reply: () => SUCCESS,
    description: describeRoute('Delete the address', '`{success: true}`'),
  }),
];
