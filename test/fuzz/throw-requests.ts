import { Agent, request as httpRequest } from 'node:http';
import { expect } from 'vitest';
import type { FuzzRequest } from './http-requests.ts';

/** Requests under way at once. */
export const CONNECTIONS = 16;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** What came of a request, in words of the test. */
export interface Told {
  readonly request: FuzzRequest;
  readonly outcome: string;
}

/** Throws requests at a gate. */
export interface Thrower {
  send(request: FuzzRequest): Promise<Answer>;
  /**
   * Sends all of them, a few at a time, and says what came of each as `read` has it, which is '' for an answer that is
   * not in the API's form. No status blames the gate, and good requests come out as `good` has it; the first failure
   * ends it.
   */
  throwAll(
    requests: readonly FuzzRequest[],
    read: (answer: Answer, index: number) => string,
    good?: RegExp,
  ): Promise<Told[]>;
  close(): void;
}

/** For the gate at this URL. */
export function createThrower(url: string): Thrower {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const send = (request: FuzzRequest) => sendTo(url, agent, request);
  return {
    send,
    async throwAll(requests, read, good = /^accepted/) {
      const told: Told[] = [];
      const queue = requests.entries();
      const work = async () => {
        for (const [index, request] of queue) {
          const answer = await send(request);
          const shown = show(request, answer);
          expect(answer.status, shown).toBeLessThan(500);
          const outcome = read(answer, index);
          expect(outcome, shown).not.toBe('');
          if (request.kind === 'valid') expect(outcome, shown).toMatch(good);
          told.push({ request, outcome });
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, work));
      return told;
    },
    close: () => agent.destroy(),
  };
}

function show(request: FuzzRequest, answer: Answer): string {
  return JSON.stringify({ ...request, body: request.body.toString('latin1').slice(0, 2_000), answer });
}

function sendTo(url: string, agent: Agent, { method, path, headers, body }: FuzzRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = { 'content-length': String(body.length) };
  const request = httpRequest(new URL(path, url), {
    agent,
    method,
    headers: { ...length, ...headers },
  });
  request.on('error', reject);
  request.on('response', response => {
    const chunks: Buffer[] = [];
    response.on('data', chunk => chunks.push(chunk));
    response.on('end', () => {
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      });
      // A body that was announced and never came must not be waited for.
      if (headers['content-length'] !== undefined) request.destroy();
    });
  });
  if (headers['content-length'] === undefined) request.end(body);
  else request.flushHeaders();
  return promise;
}
