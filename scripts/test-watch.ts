// npm run test:watch -- FILE OPTIONS: runs the tests of that file again whenever it, or something that it imports, changes.
// Without FILE: the tests of each source that is saved. Options are Vitest's. Keys: h shows help, q ends it.
import { pathToFileURL } from 'node:url';
import { installed } from './tool.ts';

const args = process.argv.slice(2);
const hasFile = args[0]?.startsWith('-') === false;
const usual = [
  ...(hasFile ? [] : ['--standalone']),
  // The same files once more on PostgreSQL: only where somebody asks for it.
  ...(args.some(arg => arg.startsWith('--project')) ? [] : ['--project=!e2e-postgres']),
];

process.argv.splice(2, process.argv.length, 'watch', ...usual, ...args);
await import(pathToFileURL(installed('vitest')).href);
