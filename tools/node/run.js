// node tools/node/run.js SCRIPT [args]: runs a script of this repository with a Node that is new enough.
import { resolve } from 'node:path';
import { launch } from './launch.js';

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('usage: node tools/node/run.js SCRIPT [args]\n');
  process.exitCode = 2;
} else {
  await launch(resolve(script), args);
}
