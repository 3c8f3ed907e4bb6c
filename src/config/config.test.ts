import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, type Problem } from '../core/errors.ts';
import { developmentConfig, loadConfig } from './config.ts';
import { FIELDS } from './config-fields.ts';
import { configurationDocument } from './configuration-document.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, `${FILES.next++}.yaml`);
  writeFileSync(path, text);
  return path;
}
const FILES = { next: 1 };

function problemsOf(load: () => unknown): readonly Problem[] {
  try {
    load();
  } catch (error) {
    if (error instanceof AppError) return error.details.problems ?? [];
    throw error;
  }
  return [];
}

describe('loadConfig', () => {
  it('returns all defaults without any source', () => {
    const config = loadConfig({});
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 8000, trustedProxies: [] });
    expect(config.delivery).toMatchObject({
      graceMs: 25_000,
      unknownPolicy: 'retry',
      unknownRetryMs: 600_000,
    });
    expect(config.data).toBe(resolve('data'));
    expect(config.store).toBe(`sqlite:${join(resolve('data'), 'postern.sqlite')}`);
    expect(config.development).toBe(false);
    expect(config.retention.newestMessages).toBeUndefined();
  });

  it('prefers settings to the environment, and the environment to the file', () => {
    const config = loadConfig({
      file: file('http: { port: 1, host: a }\nlimits: { maxRecipients: 1 }'),
      environment: { POSTERN_HTTP_PORT: '2', POSTERN_HTTP_HOST: 'b' },
      settings: { 'http.port': 3 },
    });
    expect(config.http).toMatchObject({ port: 3, host: 'b' });
    expect(config.limits.maxRecipients).toBe(1);
  });

  it('reads every kind of value from the environment', () => {
    const config = loadConfig({
      environment: {
        POSTERN_DEVELOPMENT: 'true',
        POSTERN_HTTP_HOSTS: 'a.example, b.example',
        POSTERN_LIMITS_MAX_MESSAGE_BYTES: '10 MiB',
        POSTERN_DELIVERY_GRACE_MS: '5 s',
        POSTERN_LOG_LEVEL: 'warn',
      },
    });
    expect(config.development).toBe(true);
    expect(config.http.hosts).toEqual(['a.example', 'b.example']);
    expect(config.limits.maxMessageBytes).toBe(10 * 1024 * 1024);
    expect(config.delivery.graceMs).toBe(5000);
    expect(config.log.level).toBe('warn');
  });

  it('reports all problems together, each with its name, the found value and the expected one', () => {
    const problems = problemsOf(() =>
      loadConfig({
        file: file('http:\n  port: eighty\n  prot: 1\nlog: 5\nretention: { eventMs: 3 fortnights }'),
        environment: { POSTERN_DEVELOPMENT: 'yes', POSTERN_HTPP_HOST: 'x' },
      }),
    );
    expect(problems).toEqual([
      { field: 'POSTERN_HTPP_HOST', message: 'is not a setting; did you mean POSTERN_HTTP_HOST?' },
      { field: 'http.prot', message: 'is not a setting; did you mean http.port?' },
      { field: 'log', message: 'must be a section with fields, found 5' },
      { field: 'POSTERN_DEVELOPMENT', message: 'must be true or false, found "yes"' },
      { field: 'http.port', message: 'must be a whole number from 0 to 65535, found "eighty"' },
      {
        field: 'retention.eventMs',
        message: 'must be a time (500, 90 s, 10 min, 72 h or 14 d), found "3 fortnights"',
      },
    ]);
  });

  it('reports a file that cannot be read or is not YAML', () => {
    expect(() => loadConfig({ file: join(folder, 'nowhere.yaml') })).toThrow(/cannot be read \(ENOENT\)/);
    expect(() => loadConfig({ file: file('http: [') })).toThrow(/is not valid YAML/);
    expect(problemsOf(() => loadConfig({ file: file('- a\n- b') }))[0]?.field).toBe('the file');
  });

  it('uses the defaults for an empty file and for null values', () => {
    expect(loadConfig({ file: file('') }).http.port).toBe(8000);
    expect(loadConfig({ file: file('http:\n  port:\nlog:') }).http.port).toBe(8000);
  });

  it('reads a secret from a file that a setting or a variable names', () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const path = file(`${key}\n`);
    expect(loadConfig({ file: file(`secretKeyFile: ${path}`) }).secretKey).toBe(key);
    expect(loadConfig({ environment: { POSTERN_SECRET_KEY_FILE: path } }).secretKey).toBe(key);
    expect(problemsOf(() => loadConfig({ environment: { POSTERN_HTTP_HOST_FILE: path } }))).toHaveLength(1);
    expect(problemsOf(() => loadConfig({ file: file('secretKeyFile: /nowhere/key') }))[0]?.message).toContain(
      'cannot be read (ENOENT)',
    );
  });

  it('shows no secret in a problem', () => {
    const environment = {
      POSTERN_SMARTHOST: 'smtp://bob:canary@mail.example/path',
      POSTERN_STORE: 'postgres:bob:canary@db.example/mail',
      POSTERN_SECRET_KEY: 'canary',
    };
    const problems = problemsOf(() => loadConfig({ environment }));
    expect(problems.map(problem => problem.field)).toEqual(['store', 'secretKey', 'smarthost']);
    expect(JSON.stringify(problems)).not.toContain('canary');
    expect(problems[0]?.message).toContain('postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  });

  it('refuses an invalid CIDR range, and an expiry above the maximum', () => {
    const problems = problemsOf(() =>
      loadConfig({
        settings: {
          'http.trustedNetworks': ['10.0.0.0/8', 'intranet'],
          'delivery.expiryMs': 2 * 86_400_000,
          'delivery.maxExpiryMs': 86_400_000,
        },
      }),
    );
    expect(problems.map(problem => problem.field)).toEqual(['http.trustedNetworks', 'delivery.expiryMs']);
  });

  it('ignores the variables of the client examples, and those of Kubernetes for a service named postern', () => {
    const environment = {
      POSTERN_PORT: 'tcp://10.0.0.1:8000',
      POSTERN_PORT_8000_TCP_ADDR: '10.0.0.1',
      POSTERN_KEY: 'pk_1_key_of_the_client_examples',
      POSTERN_SERVICE_HOST: '10.0.0.1',
      POSTERN_SERVICE_PORT_HTTP: '8000',
    };
    expect(loadConfig({ environment }).http.port).toBe(8000);
  });
});

describe('developmentConfig', () => {
  it('has the defaults of development mode', () => {
    const config = developmentConfig({});
    expect(config.development).toBe(true);
    expect(config.allowClearText).toEqual(['localhost', '127.0.0.0/8', '::1']);
    expect(config.delivery.unknownRetryMs).toBe(2000);
    expect(config.retention.newestMessages).toBe(1000);
  });

  it('uses the flags', () => {
    const config = developmentConfig({
      http: { host: '0.0.0.0', port: 0 },
      smtp: { host: '::1', port: 2525 },
      data: '/somewhere',
    });
    expect(config.http).toMatchObject({ host: '0.0.0.0', port: 0 });
    expect(config.smtp).toMatchObject({ host: '::1', port: 2525 });
    expect(config.store).toBe('sqlite:/somewhere/postern.sqlite');
  });
});

describe('ConfigSchema', () => {
  it('has a description and a distinct variable for every field', () => {
    for (const field of FIELDS) expect(field.schema.description, field.path).toMatch(/\.$/);
    expect(new Set(FIELDS.map(field => field.variable)).size).toBe(FIELDS.length);
  });

  it('matches docs/configuration.md, which is printed from it', () => {
    const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
    expect(page, 'stale: run node scripts/print-configuration.ts').toBe(configurationDocument());
  });
});
