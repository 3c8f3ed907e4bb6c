// npm run check: checks format, types, imports and unused code. It runs no tests.
// npm run check -- WORD: only the checks whose name contains the word, such as `types`.
import { availableParallelism } from 'node:os';
import { checks, runChecks } from './checks.ts';
import { summarise } from './summary.ts';

const [word = ''] = process.argv.slice(2);
const chosen = checks.filter(({ name }) => name.includes(word));
if (chosen.length === 0) {
  console.log(`There is no check "${word}". The checks are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 2;
} else {
  const { lines, exitCode } = summarise(await runChecks(chosen, availableParallelism()), false);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
