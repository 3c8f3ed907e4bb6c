// npm run dev -- FLAGS: runs `postern dev` with these flags, and restarts it when a file in src changes. The data folder stays.
import { join } from 'node:path';
import { restartOnChange } from './restart-on-change.ts';
import { root } from './tool.ts';

/** More messages than `npm run seed` creates. The default of development mode is 1,000, so that a data folder stays small. */
const KEPT_MESSAGES = '1000000';
/** Two signals within this time are one Ctrl-C: the terminal and the launcher in tools/node both send it. */
const SAME_SIGNAL_MS = 500;

const [stop, kill] = [new AbortController(), new AbortController()];
let stoppedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stop.signal.aborted && performance.now() - stoppedAt > SAME_SIGNAL_MS) kill.abort();
    if (!stop.signal.aborted) stoppedAt = performance.now();
    stop.abort();
  });

await restartOnChange({
  command: [join(root, 'bin', 'postern'), 'dev', '--keep', KEPT_MESSAGES, ...process.argv.slice(2)],
  folder: join(root, 'src'),
  isSource: path => /\.(ts|sql|html|css|svg|json)$/.test(path) && !path.endsWith('.test.ts'),
  stop: stop.signal,
  kill: kill.signal,
  print: line => process.stderr.write(`dev: ${line}\n`),
});
