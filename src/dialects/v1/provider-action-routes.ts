import { Type } from 'typebox';
import { type DialectRequest, type Route, route } from '../dialect.ts';
import { json } from '../json-reply.ts';
import { refuseBody } from './json-body.ts';
import { readId } from './path-id.ts';
import { PROVIDER_SCHEMA } from './provider-schemas.ts';
import { sayProvider } from './views.ts';

const tag = 'Providers';
const ONE = { 200: { description: 'The provider', schema: PROVIDER_SCHEMA } };
const ALL = {
  200: {
    description: '`{providers}`',
    schema: Type.Object({ providers: Type.Array(PROVIDER_SCHEMA) }),
  },
};

/** What whoever looks after the gate does with a provider, and may not do more. */
export const providerActionRoutes: readonly Route[] = [
  switchRoute('enable', true, 'Use a provider again'),
  switchRoute('disable', false, 'Use a provider no more: its mail takes another route, or waits for one'),
  pauseRoute('pause', true, 'Send nothing by a provider: its mail waits'),
  pauseRoute('resume', false, 'Send by a paused provider again'),
  pauseAllRoute('pause', true, 'Send nothing at all'),
  pauseAllRoute('resume', false, 'Send by all paused providers again'),
];

function switchRoute(verb: string, isEnabled: boolean, summary: string): Route {
  return route({
    method: 'POST',
    path: `/v1/providers/:id/${verb}`,
    access: 'operate',
    operation: 'changeProvider',
    parse: request => ({ id: idWithoutBody(request), settings: { isEnabled } }),
    reply: provider => json(200, sayProvider(provider)),
    description: { tag, summary, replies: ONE },
  });
}

function pauseRoute(verb: string, isPaused: boolean, summary: string): Route {
  return route({
    method: 'POST',
    path: `/v1/providers/:id/${verb}`,
    access: 'operate',
    operation: 'pauseProvider',
    parse: request => ({ id: idWithoutBody(request), isPaused }),
    reply: provider => json(200, sayProvider(provider)),
    description: { tag, summary, replies: ONE },
  });
}

function pauseAllRoute(verb: string, isPaused: boolean, summary: string): Route {
  return route({
    method: 'POST',
    path: `/v1/providers/${verb}`,
    access: 'operate',
    operation: 'pauseProviders',
    parse: request => {
      refuseBody(request.body);
      return { isPaused };
    },
    reply: providers => json(200, { providers: providers.map(sayProvider) }),
    description: { tag, summary, replies: ALL },
  });
}

function idWithoutBody(request: DialectRequest): number {
  refuseBody(request.body);
  return readId(request, 'provider');
}
