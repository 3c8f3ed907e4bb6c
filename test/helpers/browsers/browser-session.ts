import { type Answer, apiOf } from '../gates/api.ts';

/** Somebody signed in, as a browser would be. */
export interface BrowserSession {
  /** The Cookie header. */
  readonly cookie: string;
  readonly csrf: string;
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

/** Signs in at a gate; throws where that is refused. */
export async function signIn(gate: { readonly http: string }, body: object): Promise<BrowserSession> {
  const api = apiOf(gate);
  const answer = await api.call('POST', '/v1/session', body);
  if (answer.status !== 201) throw new Error(`signing in answered ${answer.status}: ${answer.text}`);
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const { csrf } = JSON.parse(answer.text).session as { csrf: string };
  return {
    ...{ cookie, csrf },
    ask: (method, path, content, headers) =>
      api.call(method, path, content, { cookie, 'x-csrf-token': csrf, ...headers }),
  };
}

export function signInAs(
  gate: { readonly http: string },
  user: string,
  password: string,
): Promise<BrowserSession> {
  return signIn(gate, { user, password });
}
