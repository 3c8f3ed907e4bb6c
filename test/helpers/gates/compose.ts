import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { freePort } from '../mail-servers/mail-server.ts';
import { findProgram } from '../programs/outside.ts';
import { WAIT_MS } from '../programs/patience.ts';
import { type ProgramEnd, startProgram } from '../programs/program.ts';
import { type PostgresServer, startPostgres } from '../stores/postgres-server.ts';
import { readDockerfile } from './dockerfile.ts';
import { ROOT, until } from './gate.ts';

// What compose.yaml says, run as plain processes, for there is no container engine here. The network of the containers
// is the loopback network: 172.30.25.x becomes 127.30.25.x, but for the load balancer, which is 127.0.0.1; ports 8000
// and 8025 become free ones; and what a volume holds becomes a folder. All else is as compose.yaml, the Dockerfile and
// deploy/haproxy.cfg have it: commands, environment, health checks, and the configuration of the load balancer.

/** A service of compose.yaml, as far as it is run here. */
export interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly networks?: { readonly default: { readonly ipv4_address: string } };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** Reads compose.yaml with the variables of an `.env` filled in. */
export function readCompose(variables: Readonly<Record<string, string>>): ComposeFile {
  const fill = (value: string) =>
    value.replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, name: string) => {
      const found = variables[name];
      if (found === undefined) throw new Error(`.env has no ${name}`);
      return found;
    });
  const text = readFileSync(join(ROOT, 'compose.yaml'), 'utf8');
  const reviver = (_: unknown, value: unknown) => (typeof value === 'string' ? fill(value) : value);
  return parse(text, reviver, { merge: true }) as ComposeFile;
}

/** One gate of compose.yaml. */
export interface ComposeGate {
  /** Resolves when its health check is content. */
  start(): Promise<void>;
  /** Resolves when it has ended. */
  kill(signal: NodeJS.Signals): Promise<ProgramEnd | undefined>;
  /** `docker compose exec SERVICE bin/postern …`: resolves with its output. */
  postern(...args: readonly string[]): Promise<string>;
  isHealthy(): Promise<boolean>;
}

export interface Composed {
  /** `http://HOST:PORT`, and the port on 127.0.0.1, of the load balancer. */
  readonly http: string;
  readonly smtpPort: number;
  readonly gates: Readonly<Record<'gate-1' | 'gate-2', ComposeGate>>;
  readonly postgres: PostgresServer;
  /** What the load balancer has logged. */
  balancerLog(): string;
  /** Whether the load balancer uses a gate, or does not use it, both ways. */
  isIn(gate: string): boolean;
  isOut(gate: string): boolean;
  stop(): Promise<void>;
}

const DATA_VOLUME = '/var/lib/postern';

/** Starts everything; `more` is added to the environment of the gates. */
export async function startComposed(
  variables: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
): Promise<Composed> {
  const { services } = readCompose(variables);
  const folder = mkdtempSync(join(tmpdir(), 'postern-compose-'));
  const ports = { http: await freePort(), smtp: await freePort() };
  const postgres = await startDatabase(services['postgres']);
  const place = (text: string) =>
    text
      .replaceAll('172.30.25.2', '127.0.0.1')
      .replaceAll('172.30.25.', '127.30.25.')
      .replaceAll(/(?<=:|port )8000\b/g, String(ports.http))
      .replaceAll(/(?<=:|port )8025\b/g, String(ports.smtp))
      .replaceAll('@postgres:5432', `@${new URL(postgres.url('postern')).host}`);
  const gateOf = (name: string) => {
    const data = join(folder, name);
    mkdirSync(data);
    return createGate(services[name], { place, data, ports, more });
  };
  const gates = { 'gate-1': gateOf('gate-1'), 'gate-2': gateOf('gate-2') };
  const balancer = startBalancer(services['haproxy'], folder, place);
  const http = `http://127.0.0.1:${ports.http}`;

  async function stop(): Promise<void> {
    await Promise.all(Object.values(gates).map(gate => gate.kill('SIGKILL')));
    balancer.child.kill('SIGTERM');
    await balancer.end;
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await Promise.all(Object.values(gates).map(gate => gate.start()));
    await until(async () => (await statusOf(`${http}/readyz`)) === 200, 'the load balancer to find a gate');
  } catch (error) {
    await stop();
    const { stdout, stderr } = await balancer.end;
    throw new Error(`${String(error)} The load balancer said: ${stdout}${stderr}`);
  }
  return {
    ...{ http, gates, postgres, stop, smtpPort: ports.smtp },
    balancerLog: balancer.stdout,
    isIn: gate => WAYS.every(way => lastWord(balancer.stdout(), `${way}/${gate}`) !== 'DOWN'),
    isOut: gate => WAYS.every(way => lastWord(balancer.stdout(), `${way}/${gate}`) === 'DOWN'),
  };
}

const WAYS = ['gates-http', 'gates-smtp'];

/** What the load balancer said last of a server: UP or DOWN; undefined: nothing, for it was there from the beginning. */
function lastWord(log: string, server: string): string | undefined {
  return [...log.matchAll(new RegExp(`Server ${server} is (UP|DOWN)`, 'g'))].at(-1)?.[1];
}

/** The status of a request; 0 when there is no answer. */
export async function statusOf(url: string, init: RequestInit = {}): Promise<number> {
  try {
    const reply = await fetch(url, { ...init, signal: AbortSignal.timeout(WAIT_MS) });
    await reply.arrayBuffer();
    return reply.status;
  } catch {
    return 0;
  }
}

/** With the settings of its command line, the role and the database of its environment. */
async function startDatabase(service: Service | undefined): Promise<PostgresServer> {
  const { command = [], environment = {} } = service ?? {};
  const settings = command.flatMap((word, at) => (word === '-c' ? (command[at + 1] ?? []) : []));
  const server = await startPostgres(settings);
  const { POSTGRES_USER: user, POSTGRES_DB: database = '', POSTGRES_PASSWORD: password } = environment;
  await server.createDatabase(database);
  await server.query('postgres', `alter role ${user} password '${password}'`);
  return server;
}

interface GatePlace {
  readonly place: (text: string) => string;
  readonly data: string;
  readonly ports: { readonly http: number; readonly smtp: number };
  readonly more: Readonly<Record<string, string>>;
}

function createGate(service: Service | undefined, { place, data, ports, more }: GatePlace): ComposeGate {
  if (service?.networks === undefined) throw new Error('compose.yaml does not have this gate');
  const address = place(service.networks.default.ipv4_address);
  const image = readDockerfile();
  const inside = (text: string) => place(text).replaceAll(DATA_VOLUME, data);
  const environment: Readonly<Record<string, string>> = {
    ...mapValues({ ...image.environment, ...service.environment }, inside),
    ...more,
    // In a container these are its own address and the usual ports.
    ...{ POSTERN_HTTP_HOST: address, POSTERN_HTTP_PORT: String(ports.http) },
    ...{ POSTERN_SMTP_HOST: address, POSTERN_SMTP_PORT: String(ports.smtp) },
  };
  const run = ([program = '', ...args]: readonly string[]) => {
    const node = program === 'node' ? process.execPath : program;
    return startProgram(node, args, { cwd: ROOT, env: environment });
  };
  const isHealthy = async () => {
    const check = image.healthcheck.map(word => place(word).replaceAll('127.0.0.1', address));
    return (await run(check).end).code === 0;
  };
  let running: ReturnType<typeof startProgram> | undefined;
  return {
    isHealthy,
    async start() {
      running = run([...image.entrypoint, ...(service.command ?? image.command)]);
      let ending: ProgramEnd | undefined;
      void running.end.then(end => {
        ending = end;
      });
      await until(async () => ending !== undefined || (await isHealthy()), 'the gate to be healthy');
      if (ending !== undefined) throw new Error(`The gate ended: ${ending.stderr}`);
    },
    async kill(signal) {
      running?.child.kill(signal);
      return running?.end;
    },
    async postern(...args) {
      const { code, stdout, stderr } = await run(['node', 'bin/postern', ...args]).end;
      if (code !== 0) throw new Error(`postern ${args.join(' ')} ended with ${code}: ${stderr}`);
      return stdout;
    },
  };
}

/** As its image starts it, with the file that compose.yaml gives it. */
function startBalancer(service: Service | undefined, folder: string, place: (text: string) => string) {
  const [source = ''] = service?.volumes?.[0]?.split(':') ?? [];
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(
    file,
    place(readFileSync(join(ROOT, source), 'utf8')).replaceAll('bind *:', 'bind 127.0.0.1:'),
  );
  const args = ['-W', '-db', '-f', file];
  return startProgram(findProgram('haproxy') ?? 'haproxy', args);
}

function mapValues(
  values: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
