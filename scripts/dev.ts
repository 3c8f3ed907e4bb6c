// npm run dev -- FLAGS: `postern dev` with these flags, restarted whenever a file of src changes. The data folder is kept.
import { join } from 'node:path';
import { restartOnChange } from './restart-on-change.ts';
import { root } from './tool.ts';

/** More than `npm run seed` makes: development mode keeps a thousand, so that a data folder does not grow for ever. */
const KEPT_MESSAGES = '1000000';
/** Two of the same signal within this time are one Ctrl-C, from the terminal and from the launcher of tools/node. */
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
  say: line => process.stderr.write(`dev: ${line}\n`),
});
