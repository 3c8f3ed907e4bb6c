// Runs on any Node since 18: it is what finds out that a Node is too old.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endLike, runChild } from './child.js';
import { installNode, newNode } from './install.js';

const runner = fileURLToPath(new URL('run.js', import.meta.url));

/**
 * Runs a module as the main program: in this process when its Node is new enough, else in a process of the Node
 * under tools/node, which is installed first if need be. The module sees the same process.argv either way.
 *
 * @param {string} script absolute path of the module
 * @param {readonly string[]} args
 */
export async function launch(script, args) {
  if (isNewEnough(process.versions.node)) return runHere(script, args);
  const problem = await installNode();
  if (problem === undefined) return runInNewNode(script, args);
  process.stderr.write(`postern: ${problem}\n`);
  process.exitCode = 1;
}

/**
 * Node 22 from 22.19, or 24 and later. 23 is out of support, and its first releases do not run TypeScript.
 *
 * @param {string} version
 */
export function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 22 ? minor >= 19 : major >= 24;
}

/**
 * @param {string} script
 * @param {readonly string[]} args
 */
async function runHere(script, args) {
  dieWithLauncher();
  process.argv.splice(1, process.argv.length, script, ...args);
  await import(pathToFileURL(script).href);
}

/**
 * @param {string} script
 * @param {readonly string[]} args
 */
async function runInNewNode(script, args) {
  const end = await runChild(newNode, [...process.execArgv, runner, script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, POSTERN_LAUNCHED: '1' },
  });
  endLike(end);
}

/** SIGKILL cannot be forwarded. A launcher that got it drops the channel, and what it launched must not outlive it. */
function dieWithLauncher() {
  if (process.env.POSTERN_LAUNCHED !== '1' || !process.channel) return;
  delete process.env.POSTERN_LAUNCHED;
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
