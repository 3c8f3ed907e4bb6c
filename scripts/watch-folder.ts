import { type Dirent, type FSWatcher, readdirSync, watch } from 'node:fs';
import { join, relative } from 'node:path';

/** Reports changed files of a folder. */
export interface FolderWatch {
  /** Resolves with the path of the next changed file, relative to the folder. Never resolves after close(). */
  nextChange(): Promise<string>;
  close(): void;
}

/** An editor or a Git checkout writes several files. Changes within this time are reported as one. */
const SETTLE_MS = 100;

/**
 * Watches the files below a folder for which `isWanted` returns true. Each directory has its own watcher, because the
 * recursive watcher of Node on Linux loses a file that an editor replaces with rename().
 */
export function watchFolder(folder: string, isWanted: (path: string) => boolean): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let waiting: ((path: string) => void)[] = [];
  /** The last changed file that was not reported yet. */
  let changed: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  function onEvent(path: string): void {
    if (isWanted(path)) changed = path;
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLE_MS);
  }

  function settle(): void {
    const created = watchNewDirectories();
    changed ??= created.find(isWanted);
    if (changed === undefined) return;
    for (const resolve of waiting) resolve(changed);
    [waiting, changed] = [[], undefined];
  }

  /** Starts and stops watchers for created and removed directories. Returns the files in the created ones. */
  function watchNewDirectories(): readonly string[] {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const present = new Set([folder, ...entries.filter(isDirectory).map(pathOf)]);
    for (const directory of watchers.keys()) if (!present.has(directory)) forget(directory);
    const added = [...present].filter(directory => !watchers.has(directory));
    for (const directory of added) follow(directory);
    return entries
      .filter(entry => entry.isFile() && added.includes(entry.parentPath))
      .map(entry => relative(folder, pathOf(entry)));
  }

  function follow(directory: string): void {
    const watcher = watch(directory, (_, name) => onEvent(relative(folder, join(directory, name ?? ''))));
    // The directory was removed.
    watcher.on('error', () => forget(directory));
    watchers.set(directory, watcher);
  }

  function forget(directory: string): void {
    watchers.get(directory)?.close();
    watchers.delete(directory);
  }

  watchNewDirectories();
  return {
    nextChange: () => new Promise(resolve => waiting.push(resolve)),
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function isDirectory(entry: Dirent): boolean {
  return entry.isDirectory();
}

function pathOf(entry: Dirent): string {
  return join(entry.parentPath, entry.name);
}
