import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

// The programs that tests start. None of them outlives the process that started it, even if that one is killed; the tests
// end them earlier, see test/setup/leave-no-process.ts.

const running = new Map<ChildProcess, NodeJS.Signals>();

/** A program has so long to end after its last signal; then it is killed. */
const LAST_WORDS_MS = 10_000;
/** Its own children have so long to end after it. */
const FAMILY_MS = 1_000;

/**
 * Takes charge of a program that was just started with `detached: true`, so that all processes that it starts are in a
 * group of its own. `lastSignal` ends it if nobody else does.
 */
export function watchChild<Child extends ChildProcess>(
  child: Child,
  lastSignal: NodeJS.Signals = 'SIGKILL',
): Child {
  const { pid } = child;
  // It could not be started; its event `error` says why.
  if (pid === undefined) return child;
  const entry = `${lastSignal.slice(3)}:${pid}`;
  running.set(child, lastSignal);
  tellReaper(`+ ${entry}`);
  child.once('exit', () => {
    running.delete(child);
    const forget = () => void (isGroupAlive(pid) || tellReaper(`- ${entry}`));
    setTimeout(forget, FAMILY_MS).unref();
  });
  return child;
}

/** The programs that run now. */
export function runningChildren(): ReadonlySet<ChildProcess> {
  return new Set(running.keys());
}

/** Ends all programs but some; resolves, when they have ended, with their command lines. */
export async function endChildren(except: ReadonlySet<ChildProcess> = new Set()): Promise<readonly string[]> {
  const ending = [...running].filter(([child]) => !except.has(child));
  await Promise.all(ending.map(([child, lastSignal]) => endChild(child, lastSignal)));
  return ending.map(([child]) => child.spawnargs.join(' ').slice(0, 200));
}

async function endChild(child: ChildProcess, lastSignal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  killGroup(child, lastSignal);
  const timeout = setTimeout(() => killGroup(child, 'SIGKILL'), LAST_WORDS_MS);
  await exited.finally(() => clearTimeout(timeout));
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid ?? 0), signal);
  } catch {
    child.kill(signal);
  }
}

function isGroupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * A shell that reads which programs run, `+ SIGNAL:PID` and `- SIGNAL:PID`. Its input ends when this process does,
 * however it does; then it ends the programs that are left. A terminal's Ctrl-C does not reach it.
 */
const REAPER = `
while read -r sign child; do
  if [ "$sign" = + ]; then left="$left $child"; continue; fi
  kept=
  for one in $left; do [ "$one" = "$child" ] || kept="$kept $one"; done
  left=$kept
done
for one in $left; do
  kill -s "\${one%:*}" -- "-\${one#*:}" || kill -s "\${one%:*}" "\${one#*:}"
done`;

let reaper: ChildProcess | undefined;

function tellReaper(line: string): void {
  reaper ??= startReaper();
  reaper.stdin?.write(`${line}\n`);
}

function startReaper(): ChildProcess {
  const child = spawn('sh', ['-c', REAPER], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  // A pipe of Node is a socket.
  (child.stdin as unknown as Socket).unref();
  return child;
}
