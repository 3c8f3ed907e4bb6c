import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The root of the repository. */
export const root = join(import.meta.dirname, '..');

export interface ToolOptions {
  readonly timeoutMs: number;
  /** `show`: print the output immediately. `keep`: collect it. */
  readonly output: 'show' | 'keep';
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ToolEnd {
  readonly isGood: boolean;
  readonly ms: number;
  /** The collected output, and the reason if it was killed. */
  readonly output: string;
}

/** The path of the script with this name that a development dependency installs. */
export function installed(name: string): string {
  return join(root, 'node_modules', '.bin', name);
}

/** Runs a script in the root of the repository with the same Node, without standard input, until it ends. */
export function runTool(script: string, args: readonly string[], options: ToolOptions): Promise<ToolEnd> {
  const startedAt = performance.now();
  const stream = options.output === 'show' ? 'inherit' : 'pipe';
  const plain = options.output === 'keep' || !process.stdout.isTTY ? { NO_COLOR: '1' } : {};
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...process.env, ...plain, ...options.env },
    stdio: ['ignore', stream, stream],
    timeout: options.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const printed: string[] = [];
  for (const pipe of [child.stdout, child.stderr])
    pipe?.setEncoding('utf8').on('data', text => printed.push(text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (signal !== null)
        printed.push(`killed by ${signal}; the limit is ${options.timeoutMs / 60_000} minutes\n`);
      resolve({ isGood: code === 0, ms: performance.now() - startedAt, output: printed.join('') });
    });
  });
}
