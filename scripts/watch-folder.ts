import { type Dirent, type FSWatcher, readdirSync, watch } from 'node:fs';
import { join, relative } from 'node:path';

/** Tells about files that change in a folder. */
export interface FolderWatch {
  /** Resolves with the path, below the folder, of the next file that changes; never when the watch is closed. */
  nextChange(): Promise<string>;
  close(): void;
}

/** An editor or a Git checkout writes several files: one change is told for all of them. */
const SETTLE_MS = 100;

/**
 * Watches the files below a folder that `isWanted` accepts by path. Each directory has its own watcher: the recursive
 * one of Node on Linux no longer sees a file that an editor has replaced by renaming another one over it.
 */
export function watchFolder(folder: string, isWanted: (path: string) => boolean): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let waiting: ((path: string) => void)[] = [];
  /** The last file that changed and was not told yet. */
  let changed: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  function onEvent(path: string): void {
    if (isWanted(path)) changed = path;
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLE_MS);
  }

  function settle(): void {
    const arrived = watchNewDirectories();
    changed ??= arrived.find(isWanted);
    if (changed === undefined) return;
    for (const resolve of waiting) resolve(changed);
    [waiting, changed] = [[], undefined];
  }

  /** Follows directories that came and went; returns the files in those that came. */
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
    // It was removed.
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
