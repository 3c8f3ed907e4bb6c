import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watchFolder } from './watch-folder.ts';

export interface RestartOptions {
  /** A module and its arguments, run by the Node that runs this. */
  readonly command: readonly string[];
  /** The folder of sources. */
  readonly folder: string;
  /** Whether the program has to start again when the file at this path, below the folder, changes. */
  readonly isSource: (path: string) => boolean;
  /** Ends the program and the loop. */
  readonly stop: AbortSignal;
  /** Ends the program at once. */
  readonly kill: AbortSignal;
  readonly say: (line: string) => void;
}

/**
 * Runs a program, and starts it again whenever a source changes: first it gets SIGTERM and ends in its own time. A program
 * that ends by itself, such as one with a syntax error, is started again at the next change.
 */
export async function restartOnChange(options: RestartOptions): Promise<void> {
  const { stop, say } = options;
  const sources = watchFolder(options.folder, options.isSource);
  const stopped = stop.aborted ? Promise.resolve() : once(stop, 'abort');
  try {
    while (!stop.aborted) {
      // Before the start, so that no change is missed while the program reads its sources.
      const changed = sources.nextChange();
      const program = start(options);
      const ended = once(program, 'exit');
      const first = await Promise.race([
        changed.then(path => `Restarting: ${path} has changed.`),
        ended.then(
          ([code, signal]) => `The program ended (${signal ?? code}). It restarts at the next change.`,
        ),
        stopped.then(() => 'Stopping.'),
      ]);
      say(first);
      if (program.exitCode === null && program.signalCode === null) program.kill('SIGTERM');
      await ended;
      await Promise.race([changed, stopped]);
    }
  } finally {
    sources.close();
  }
}

/**
 * Starts the program in a process group of its own: Ctrl-C reaches this process alone, which passes it on once. The channel
 * tells the program, by `dieWithLauncher` of tools/node, when this process was killed.
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
