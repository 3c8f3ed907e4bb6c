// npm run check: format, types, import direction and unused code, without any test.
// npm run check -- WORD: only the checks whose name contains the word, such as `types`.
import { availableParallelism } from 'node:os';
import { checks, runChecks } from './checks.ts';
import { summarise } from './tally.ts';

const [word = ''] = process.argv.slice(2);
const chosen = checks.filter(({ name }) => name.includes(word));
if (chosen.length === 0) {
  console.log(`No check is called "${word}". There are: ${checks.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 2;
} else {
  const { lines, exitCode } = summarise(await runChecks(chosen, availableParallelism()), false);
  for (const line of lines) console.log(line);
  process.exitCode = exitCode;
}
