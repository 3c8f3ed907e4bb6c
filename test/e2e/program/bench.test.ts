import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../../helpers/gates/gate.ts';
import { type ProgramEnd, runProgram } from '../../helpers/programs/program.ts';

function bench(...args: string[]): Promise<ProgramEnd> {
  return runProgram(process.execPath, [join(ROOT, 'bench', 'main.ts'), ...args]);
}

// It reads /proc.
describe.runIf(process.platform === 'linux')('npm run bench', () => {
  const small = ['--messages', '200', '--rounds', '2', '--folder', tmpdir(), '--json'];

  test('sends messages, finds all of them at the SMTP server, and reports the figures', async () => {
    const { code, stdout, stderr } = await bench(...small, '--require', 'accept=1,drained=1,cpu=1000');
    expect(stderr).toBe('warming up\nround 1\nround 2\n');
    const { counts, unexpected, clusters, verdict } = JSON.parse(stdout);
    expect({ counts, unexpected }).toEqual({
      counts: { accepted: 600, lost: 0, duplicates: 0 },
      unexpected: 0,
    });
    const [{ nodes, rounds, summary }] = clusters;
    expect({ nodes, rounds: rounds.length }).toEqual({ nodes: 1, rounds: 2 });
    expect(summary.cpuSecondsPer1000.min).toBeGreaterThan(0);
    expect(verdict.isMet).toBe(true);
    expect(code).toBe(0);
  });

  test('measures clusters of gates that share a PostgreSQL, and includes the CPU time of the server', async () => {
    const { code, stdout, stderr } = await bench(...small, '--store', 'postgres', '--nodes', '1,2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'warming up\nround 1\nround 2\n' });
    const { counts, unexpected, clusters, database } = JSON.parse(stdout);
    expect({ counts, unexpected }).toEqual({
      counts: { accepted: 1_800, lost: 0, duplicates: 0 },
      unexpected: 0,
    });
    expect(database.description).toMatch(/fsync on, synchronous_commit on/);
    expect(clusters).toMatchObject([{ nodes: 1, growth: 1, control: 1 }, { nodes: 2 }]);
    expect(clusters[1].control).toBeGreaterThan(0);
    for (const { summary } of clusters) expect(summary.serverSecondsPer1000.min).toBeGreaterThan(0);
  });

  test('fails if a bound is missed, also with another API and one connection', async () => {
    const { code, stdout } = await bench(...small, '--api', 'v1', '--latency', '--require', 'cpu=0.000001');
    expect(JSON.parse(stdout)).toMatchObject({
      counts: { accepted: 600, lost: 0, duplicates: 0 },
      verdict: { isMet: false },
    });
    expect(code).toBe(1);
  });

  test('explains an invalid option', async () => {
    expect(await bench('--rounds', 'many')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^--rounds: many is not a whole number .*\n\nnpm run bench/),
    });
  });
});
