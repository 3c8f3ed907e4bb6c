import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { watchChild } from './children.ts';
import { WAIT_MS } from './patience.ts';

/** A shell that keeps its folder and variables from one block to the next, as the terminal of a reader does. */
export interface Terminal {
  /** Runs a script to its end; resolves with its standard output. Throws when a command of it fails. */
  run(script: string): Promise<string>;
  /** Ends the shell and everything that was started in it. */
  close(): Promise<void>;
}

/** Opens a terminal in a folder. `node` is the Node that runs the tests. */
export function openTerminal(cwd: string, env: Readonly<Record<string, string>>): Terminal {
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  const shell = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-s'], {
    cwd,
    env: { ...process.env, PATH: path, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, so that `close` reaches what was left in the background.
    detached: true,
  });
  watchChild(shell);
  const said = { stdout: '', stderr: '' };
  shell.stdout.setEncoding('utf8');
  shell.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  shell.stdout.on('data', (text: string) => {
    said.stdout += text;
  });
  // A shell that has ended takes no input: `run` reports the end itself.
  shell.stdin.on('error', () => {});
  let count = 0;
  const closed = once(shell, 'close');
  const failed = closed.then(([code]) => {
    throw new Error(`exit ${code}:\n${said.stdout}${said.stderr}`);
  });
  // Nobody waits for it between two scripts.
  failed.catch(() => {});

  /** Resolves at the end of the script; throws when the shell ends first. */
  async function untilDone(mark: string): Promise<void> {
    const timeout = AbortSignal.timeout(WAIT_MS);
    while (!said.stdout.includes(mark))
      await Promise.race([once(shell.stdout, 'data', { signal: timeout }), failed]);
  }

  return {
    async run(script) {
      const mark = `--- end of block ${++count} ---`;
      [said.stdout, said.stderr] = ['', ''];
      if (shell.exitCode !== null) throw new Error('An earlier block failed and ended the terminal.');
      shell.stdin.write(`{\n${script}\n} </dev/null\nprintf '\\n%s\\n' '${mark}'\n`);
      await untilDone(mark);
      return said.stdout.slice(0, said.stdout.indexOf(mark)).trim();
    },
    async close() {
      if (shell.pid === undefined) return;
      killGroup(shell.pid);
      await closed;
    },
  };
}

/** Nothing is left of a group whose processes have all ended. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
