import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..');

export interface ToolOptions {
  readonly timeoutMs: number;
  /** `show` passes its output on as it comes, `keep` collects it. */
  readonly output: 'show' | 'keep';
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ToolEnd {
  readonly isGood: boolean;
  readonly ms: number;
  /** What it printed, when that was kept, and why it was stopped, if it was. */
  readonly output: string;
}

/** The script that a development dependency installs under this name. */
export function installed(name: string): string {
  return join(root, 'node_modules', '.bin', name);
}

/** Runs a script in the repository's root with the Node that runs this, without standard input, to its end. */
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
      if (signal !== null) printed.push(`ended by ${signal}; it has ${options.timeoutMs / 60_000} minutes\n`);
      resolve({ isGood: code === 0, ms: performance.now() - startedAt, output: printed.join('') });
    });
  });
}
