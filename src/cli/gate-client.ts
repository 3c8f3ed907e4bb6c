import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config-schema.ts';
import { DataFolderInUse, readOperatorToken } from '../main/data-folder.ts';
import type { Gate } from '../main/rejoin.ts';
import { CommandFailure } from './command-failure.ts';
import { openGate } from './open-gate.ts';

/** A request to the management API. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** A Buffer is sent unchanged, any other value as JSON. Undefined: no body. */
  readonly body?: unknown;
}

/** A client of the API of the gate in a data folder. */
export interface GateClient {
  /** A gate is running, so accepted mail is delivered now. */
  readonly isRunning: boolean;
  /** Returns the JSON of the reply; undefined if it has no body. Throws CommandFailure for an error reply. */
  ask<T>(request: ApiRequest): Promise<T>;
  /** Returns the bytes of the reply. Throws CommandFailure for an error reply. */
  fetch(request: ApiRequest): Promise<Buffer>;
  close(): Promise<void>;
}

interface ApiReply {
  readonly status: number;
  readonly body: Buffer;
}

type SendRequest = (request: ApiRequest, headers: Readonly<Record<string, string>>) => Promise<ApiReply>;

const START_WAIT_MS = 15_000;
const POLL_MS = 100;
const REPLY_TIMEOUT_MS = 60_000;

/** Connects to the running gate of the data folder. If none runs, opens the gate in this process, without listeners. */
export async function connectToGate(config: Config): Promise<GateClient> {
  const deadline = performance.now() + START_WAIT_MS;
  for (;;) {
    try {
      const { gate, folder, close } = await openGate(withQuietLog(config), 'command');
      return createClient({
        sendRequest: injectInto(gate),
        token: folder.operatorToken,
        isRunning: false,
        close,
      });
    } catch (error) {
      if (!(error instanceof DataFolderInUse)) throw error;
      const url = error.holder?.http;
      const token = readOperatorToken(config.data);
      if (url !== undefined && token !== undefined) {
        return createClient({ sendRequest: fetchFrom(url), token, isRunning: true, close: async () => {} });
      }
      if (performance.now() >= deadline) throw error;
    }
    await delay(POLL_MS);
  }
}

/** Standard error belongs to the command, so a gate in its process logs only warnings and errors. */
function withQuietLog(config: Config): Config {
  return config.log.level === 'error' ? config : { ...config, log: { ...config.log, level: 'warn' } };
}

/** Creates a client of a gate that is already open in this process. */
export function clientOf(gate: Gate, token: string): GateClient {
  return createClient({ sendRequest: injectInto(gate), token, isRunning: true, close: async () => {} });
}

function createClient(parts: {
  sendRequest: SendRequest;
  token: string;
  isRunning: boolean;
  close: () => Promise<void>;
}): GateClient {
  async function fetchBytes(request: ApiRequest): Promise<Buffer> {
    const reply = await parts.sendRequest(request, { authorization: `Bearer ${parts.token}` });
    if (reply.status >= 300) throw toFailure(reply);
    return reply.body;
  }

  return {
    isRunning: parts.isRunning,
    fetch: fetchBytes,
    async ask<T>(request: ApiRequest) {
      const body = await fetchBytes(request);
      // The reply has the type of the API description.
      return (body.length === 0 ? undefined : JSON.parse(body.toString())) as T;
    },
    close: parts.close,
  };
}

function injectInto(gate: Gate): SendRequest {
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

function fetchFrom(url: string): SendRequest {
  return async ({ method, path, body }, headers) => {
    const payload = payloadOf(body);
    const signal = AbortSignal.timeout(REPLY_TIMEOUT_MS);
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
      throw new CommandFailure(`The gate at ${url} does not respond (${reason}).`);
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

function toFailure({ status, body }: ApiReply): CommandFailure {
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
