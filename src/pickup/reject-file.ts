import { mkdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { codeOf } from './system-error.ts';

/** Where files go that cannot be taken in, below the watched directory. */
const REJECTED = 'rejected';

const MAX_NAMESAKES = 10_000;

/** Moves a file into `rejected/`, under its own name or one like it, with the reason beside it; returns where it is now. */
export async function reject(
  directory: string,
  file: { readonly name: string; readonly path: string },
  reason: string,
): Promise<string> {
  const folder = join(directory, REJECTED);
  await mkdir(folder, { recursive: true });
  const target = await writeReason(folder, file.name, reason);
  try {
    await rename(file.path, target);
  } catch (error) {
    await unlink(reasonFile(target)).catch(() => {});
    throw error;
  }
  return target;
}

/** The reason file is made first, and exclusively: it keeps the name free for the file. */
async function writeReason(folder: string, name: string, reason: string): Promise<string> {
  const { name: stem, ext } = parse(name);
  for (let count = 1; count <= MAX_NAMESAKES; count++) {
    const target = join(folder, count === 1 ? name : `${stem}-${count}${ext}`);
    try {
      await writeFile(reasonFile(target), `${reason}\n`, { flag: 'wx' });
      return target;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new Error(`${folder} holds too many files like ${name}`);
}

function reasonFile(target: string): string {
  return `${target}.reason`;
}
