import { expect, onTestFinished, test } from 'vitest';
import { documentBlock } from '../../helpers/documents/document-block.ts';
import { apiOf } from '../../helpers/gates/api.ts';
import { testFolder } from '../../helpers/gates/cli.ts';
import { ROOT, startGate, until } from '../../helpers/gates/gate.ts';
import { needs } from '../../helpers/programs/outside.ts';
import { runProgram, startProgram } from '../../helpers/programs/program.ts';

// What docs/debugging.md tells people to run.

const script = (part: string) => documentBlock('debugging.md', 'sh', part);

test.runIf(needs('a look into the database', 'sqlite3'))(
  'the database of a running gate can be read, and shows what waits and how mail ended',
  async () => {
    const gate = await startGate();
    onTestFinished(async () => void (await gate.stop()));
    const api = apiOf(gate, gate.adminToken);
    const mail = { from: 'a@sender.test', to: 'b@rcpt.test', subject: 'x', text: 'x' };
    await api.send(mail);
    await api.reachEmptyQueue();
    await api.send({ ...mail, sendAt: new Date(Date.now() + 3_600_000).toISOString() });
    const { code, stdout, stderr } = await runProgram('bash', ['-c', script('sqlite3')], {
      env: { DATA: gate.data },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^lane +messages +oldest_due +under_way$/m);
    expect(stdout).toMatch(/^\d +1 +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +0/m);
    expect(stdout).toMatch(/^delivered +1/m);
    expect(stdout).toMatch(/^queued +1/m);
  },
);

test('POSTERN_DEBUG shows where the error of a command came from', async () => {
  const data = testFolder();
  const run = (command: string) =>
    runProgram('bash', ['-c', `${command.trim()} --data ${data}`], { cwd: ROOT });
  const shown = await run(script('POSTERN_DEBUG'));
  expect([shown.code, shown.stderr]).toEqual([1, expect.stringMatching(/^postern: .+\n {4}at /)]);
  const plain = await run(script('POSTERN_DEBUG').replace('POSTERN_DEBUG=1 ', ''));
  expect(plain.stderr).not.toContain('    at ');
});

test('the inspector of Node.js shows the sources of a gate', async () => {
  const [first = '', ...rest] = script('--inspect')
    .replace('9229', '0')
    .replace('--config postern.yaml', `--data ${testFolder()}`)
    .trim()
    .split(' ');
  expect(first).toBe('node');
  const { child, end, stderr } = startProgram(process.execPath, rest, {
    cwd: ROOT,
    env: { POSTERN_HTTP_PORT: '0', POSTERN_SMTP_PORT: '0' },
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await end;
  });
  const address = await until(() => /ws:\/\/([\d.]+:\d+)\//.exec(stderr())?.[1], 'the inspector to listen');
  const targets = await (await fetch(`http://${address}/json/list`)).json();
  expect(targets).toEqual([expect.objectContaining({ url: expect.stringContaining('/bin/postern') })]);
});
