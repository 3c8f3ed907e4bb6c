import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgramEnd, startProgram } from '../programs/program.ts';
import { storeOf } from './engine.ts';
import { ROOT, until } from './gate.ts';

/** A gate running by `postern serve` in development mode, which unlike `postern dev` takes settings. */
export interface ServedGate {
  /** `http://HOST:PORT` */
  readonly http: string;
  /** `HOST:PORT` of the first SMTP listener. */
  readonly smtp: string;
  readonly adminToken: string;
  readonly data: string;
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<ProgramEnd>;
  /** SIGTERM, and waits for the end; removes the data folder unless it was given. */
  readonly stop: () => Promise<ProgramEnd>;
}

export interface ServeOptions {
  /** Data folder; absent: a new one that `stop` removes. */
  readonly data?: string;
  /** By path, such as `delivery.graceMs`. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** Starts a gate and waits until it listens. */
export async function startServe(options: ServeOptions = {}): Promise<ServedGate> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), 'postern-serve-'));
  const store = options.settings?.['store'] ?? (await storeOf(data));
  const ours = { development: 'true', 'http.port': 0, 'smtp.port': 0, ...(store !== undefined && { store }) };
  const { child, end, stdout } = startProgram(
    process.execPath,
    [join(ROOT, 'bin', 'postern'), 'serve', '--json', '--data', data],
    { env: environmentOf({ ...ours, ...options.settings }) },
  );
  let ending: ProgramEnd | undefined;
  const ended = end.then(result => {
    ending = result;
    return result;
  });
  await until(() => stdout().includes('\n') || ending !== undefined, 'the gate to listen');
  if (ending !== undefined) throw new Error(`The gate ended before it listened:\n${ending.stderr}`);
  const { http, smtp } = JSON.parse(stdout().split('\n')[0] ?? '');
  return {
    http,
    smtp: smtp[0] ?? '',
    adminToken: readFileSync(join(data, 'operator-token'), 'utf8').trim(),
    data,
    pid: child.pid ?? 0,
    kill: signal => void child.kill(signal),
    ended,
    async stop() {
      child.kill('SIGTERM');
      const result = await ended;
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
      return result;
    },
  };
}

/** `delivery.graceMs` is POSTERN_DELIVERY_GRACE_MS. */
function environmentOf(settings: Readonly<Record<string, string | number>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([path, value]) => {
      const words = path.replaceAll('.', '_').replace(/[A-Z]/g, letter => `_${letter}`);
      return [`POSTERN_${words.toUpperCase()}`, String(value)];
    }),
  );
}
