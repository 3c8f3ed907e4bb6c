import { failureOf } from './command-failure.ts';
import { withGoFlags } from './powermta-command.ts';
import { createProgram } from './program.ts';

// The command line: what runs on import is what the arguments of this process say.
// Whoever closed our output has read enough; a gate goes on without a reader.
process.stdout.on('error', () => {});

try {
  await createProgram().parseAsync([...withGoFlags(process.argv)]);
  // A gate's handles are closed by now; whoever left one open must not keep a finished command alive.
  process.stdout.write('', () => process.exit());
} catch (error) {
  const { text, exitCode } = failureOf(error, Boolean(process.env['POSTERN_DEBUG']));
  if (text !== '') process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
  process.stdout.write('', () => process.exit());
}
