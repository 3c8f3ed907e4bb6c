import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config-schema.ts';
import { DataFolderInUse, readOperatorToken } from '../main/data-folder.ts';
import type { Gate } from '../main/rejoin.ts';
import { CommandFailure } from './command-failure.ts';
import { openGate } from './open-gate.ts';

/** A request to the management API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** Sent as JSON, or as it is when it is bytes; undefined: no body. */
  readonly body?: unknown;
}

/** The management API of the gate of a data folder, whether one is running or not. */
export interface GateClient {
  /** Whether a gate runs, so that accepted mail goes out now. */
  readonly isRunning: boolean;
  /** The JSON that answers a request; undefined when the answer has no body. A refusal is thrown as a CommandFailure. */
  ask<T>(request: ApiRequest): Promise<T>;
  /** The bytes that answer a request. */
  fetch(request: ApiRequest): Promise<Buffer>;
  close(): Promise<void>;
}

interface ApiAnswer {
  readonly status: number;
  readonly body: Buffer;
}

type Carry = (request: ApiRequest, headers: Readonly<Record<string, string>>) => Promise<ApiAnswer>;

const START_WAIT_MS = 15_000;
const POLL_MS = 100;
const ANSWER_TIMEOUT_MS = 60_000;

/** Finds the running gate of the configured data folder; when none runs, opens the gate in this process, without a listener. */
export async function connectToGate(config: Config): Promise<GateClient> {
  const deadline = performance.now() + START_WAIT_MS;
  for (;;) {
    try {
      const { gate, folder, close } = await openGate(withQuietLog(config), 'command');
      return createClient({ carry: carryInside(gate), token: folder.operatorToken, isRunning: false, close });
    } catch (error) {
      if (!(error instanceof DataFolderInUse)) throw error;
      const url = error.holder?.http;
      const token = readOperatorToken(config.data);
      if (url !== undefined && token !== undefined) {
        return createClient({ carry: carryOver(url), token, isRunning: true, close: async () => {} });
      }
      if (performance.now() >= deadline) throw error;
    }
    await delay(POLL_MS);
  }
}

/** Standard error is the command's own: the gate in it only says what is wrong. */
function withQuietLog(config: Config): Config {
  return config.log.level === 'error' ? config : { ...config, log: { ...config.log, level: 'warn' } };
}

/** The same for a gate that was opened already. */
export function clientOf(gate: Gate, token: string): GateClient {
  return createClient({ carry: carryInside(gate), token, isRunning: true, close: async () => {} });
}

function createClient(parts: {
  carry: Carry;
  token: string;
  isRunning: boolean;
  close: () => Promise<void>;
}): GateClient {
  async function fetchBytes(request: ApiRequest): Promise<Buffer> {
    const answer = await parts.carry(request, { authorization: `Bearer ${parts.token}` });
    if (answer.status >= 300) throw refusal(answer);
    return answer.body;
  }

  return {
    isRunning: parts.isRunning,
    fetch: fetchBytes,
    async ask<T>(request: ApiRequest) {
      const body = await fetchBytes(request);
      // Our own API answers as its description says.
      return (body.length === 0 ? undefined : JSON.parse(body.toString())) as T;
    },
    close: parts.close,
  };
}

function carryInside(gate: Gate): Carry {
  return async ({ method, path, body }, headers) => {
    const payload = payloadOf(body);
    const response = await gate.inject({
      method,
      url: path,
      headers,
      ...(payload !== undefined && { payload }),
    });
    return { status: response.statusCode, body: response.rawPayload };
  };
}

function carryOver(url: string): Carry {
  return async ({ method, path, body }, headers) => {
    const payload = payloadOf(body);
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    try {
      const response = await fetch(url + path, {
        method,
        headers,
        signal,
        ...(payload !== undefined && { body: payload }),
      });
      return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
    } catch (error) {
      const reason =
        error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CommandFailure(`The gate at ${url} does not answer (${reason}).`);
    }
  };
}

function payloadOf(body: unknown): Buffer<ArrayBuffer> | undefined {
  if (body === undefined) return undefined;
  return Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}

interface ErrorBody {
  readonly error?: {
    readonly message?: string;
    readonly problems?: readonly { readonly field: string; readonly message: string }[];
  };
}

function refusal({ status, body }: ApiAnswer): CommandFailure {
  const { message = `status ${status}`, problems = [] } = readError(body);
  if (problems.length < 2) return new CommandFailure(message);
  return new CommandFailure(problems.map(problem => `${problem.field} ${problem.message}`).join('\n  '));
}

function readError(body: Buffer): NonNullable<ErrorBody['error']> {
  try {
    return (JSON.parse(body.toString()) as ErrorBody).error ?? {};
  } catch {
    return {};
  }
}
