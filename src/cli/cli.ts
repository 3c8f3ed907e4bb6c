import { failureOf } from './command-failure.ts';
import { withGoFlags } from './powermta-command.ts';
import { createProgram } from './program.ts';

// The entry file of the command line. Importing it runs the command in the arguments of this process.

// Ignore a closed standard output: a gate must keep running without a reader.
process.stdout.on('error', () => {});

try {
  await createProgram().parseAsync([...withGoFlags(process.argv)]);
  // The command has finished. Exit even if something has left a handle open.
  process.stdout.write('', () => process.exit());
} catch (error) {
  const { text, exitCode } = failureOf(error, Boolean(process.env['POSTERN_DEBUG']));
  if (text !== '') process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
  process.stdout.write('', () => process.exit());
}
