import { type Route, route } from '../dialect.ts';
import { describeRoute } from './open-routes.ts';
import { fieldsOf, letterOf, windowOf } from './read-fields.ts';
import { LETTER_SCHEMA, LETTER_WITH_TOKEN_SCHEMA } from './schema.ts';
import { json, OK, SUCCESS, viewList, viewSent } from './views.ts';

/** What holders of an address may do, with its JWT. */
export const holderRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/send_mail',
    access: 'address',
    operation: 'tempMailSend',
    parse: request => letterOf(fieldsOf(request)),
    reply: () => OK,
    description: {
      ...describeRoute('Send as the address in the JWT', 'The message is on disk, and was not refused'),
      body: LETTER_SCHEMA,
    },
  }),
  route({
    method: 'POST',
    path: '/external/api/send_mail',
    access: 'address',
    operation: 'tempMailSend',
    credentialMayBeInBody: true,
    parse: request => letterOf(fieldsOf(request)),
    reply: () => OK,
    description: {
      ...describeRoute('The same, with the JWT in the body', 'The message is on disk, and was not refused'),
      body: LETTER_WITH_TOKEN_SCHEMA,
    },
  }),
  route({
    method: 'POST',
    path: '/api/request_send_mail_access',
    access: 'address',
    operation: 'tempMailRequestAccess',
    parse: () => ({}),
    reply: () => OK,
    description: describeRoute('Ask for something to send with', '`{status: "ok"}`'),
  }),
  route({
    method: 'GET',
    path: '/api/settings',
    access: 'address',
    operation: 'tempMailBalance',
    parse: () => ({}),
    reply: ({ address, balance }) => json({ address, send_balance: balance }),
    description: describeRoute('The address, and what it may still send', '`{address, send_balance}`'),
  }),
  route({
    method: 'GET',
    path: '/api/sendbox',
    access: 'address',
    operation: 'tempMailSent',
    parse: request => windowOf(request),
    reply: (sent, request) => viewList(sent, windowOf(request), viewSent),
    description: {
      ...describeRoute('What it sent, newest first', '`{results, count}`'),
      query: { limit: '1 to 100', offset: 'From 0; `count` is said at 0 only' },
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/clear_sent_items',
    access: 'address',
    operation: 'tempMailClearSent',
    parse: () => ({}),
    reply: () => SUCCESS,
    description: describeRoute('Forget what it sent', '`{success: true}`'),
  }),
  route({
    method: 'DELETE',
    path: '/api/delete_address',
    access: 'address',
    operation: 'tempMailLeave',
    parse: () => ({}),
    reply: () => SUCCESS,
    description: describeRoute('Give the address up', '`{success: true}`'),
  }),
];
