import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watchFolder } from './watch-folder.ts';

export interface RestartOptions {
  /** A module and its arguments. The same Node runs it. */
  readonly command: readonly string[];
  /** The folder of sources. */
  readonly folder: string;
  /** Returns true if a change of the file at this path, relative to the folder, requires a restart. */
  readonly isSource: (path: string) => boolean;
  /** Stops the program with SIGTERM and ends the loop. */
  readonly stop: AbortSignal;
  /** Kills the program. */
  readonly kill: AbortSignal;
  readonly print: (line: string) => void;
}

/**
 * Runs a program and restarts it when a source changes. A restart sends SIGTERM and waits for the end of the program. A
 * program that ends by itself, such as one with a syntax error, is started again at the next change.
 */
export async function restartOnChange(options: RestartOptions): Promise<void> {
  const { stop, print } = options;
  const sources = watchFolder(options.folder, options.isSource);
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  try {
    while (!stop.aborted) {
      // Called before the start, so that no change is missed while the program reads its sources.
      const changed = sources.nextChange();
      const program = start(options);
      const ended = once(program, 'exit');
      const reason = await Promise.race([
        changed.then(path => `Restarting: ${path} has changed.`),
        ended.then(
          ([code, signal]) => `The program ended (${signal ?? code}). It restarts at the next change.`,
        ),
        stopped.then(() => 'Stopping.'),
      ]);
      print(reason);
      if (program.exitCode === null && program.signalCode === null) program.kill('SIGTERM');
      await ended;
      await Promise.race([changed, stopped]);
    }
  } finally {
    sources.close();
  }
}

/**
 * Starts the program in a new process group, so that Ctrl-C reaches only this process, which forwards it once. The program
 * notices through the IPC channel that this process was killed (`dieWithLauncher` in tools/node).
 */
function start({ command, kill }: RestartOptions): ChildProcess {
  const program = spawn(process.execPath, command, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, POSTERN_LAUNCHED: '1' },
    detached: true,
  });
  const end = () => program.kill('SIGKILL');
  kill.addEventListener('abort', end);
  program.once('exit', () => kill.removeEventListener('abort', end));
  return program;
}
