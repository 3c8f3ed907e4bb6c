import { Type } from 'typebox';
import { type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { refuseBody } from './json-body.ts';

/** The key that seals secrets in the database. */
export const secretRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/v1/secret/rotate',
    access: 'manage',
    operation: 'rotateSecretKey',
    parse: request => {
      refuseBody(request.body);
      return {};
    },
    reply: rotated => json(200, rotated),
    description: {
      tag: 'Sealing key',
      summary: 'Seal all secrets with a new key and forget the old one',
      replies: {
        200: {
          description: 'How many secrets there are, and what names the key that seals them now',
          schema: Type.Object({ secrets: Type.Integer(), keyId: Type.String() }),
        },
      },
    },
  }),
];
