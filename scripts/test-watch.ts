// npm run test:watch -- FILE OPTIONS: runs the tests of FILE, and runs them again when FILE or one of its imports changes.
// Without FILE: runs the tests of each saved source. OPTIONS are those of Vitest. Keys: h shows help, q quits.
import { pathToFileURL } from 'node:url';
import { installed } from './tool.ts';

const args = process.argv.slice(2);
const hasFile = args[0]?.startsWith('-') === false;
const defaults = [
  ...(hasFile ? [] : ['--standalone']),
  // Without --project, the tests do not run a second time with PostgreSQL.
  ...(args.some(arg => arg.startsWith('--project')) ? [] : ['--project=!e2e-postgres']),
];

process.argv.splice(2, process.argv.length, 'watch', ...defaults, ...args);
await import(pathToFileURL(installed('vitest')).href);
