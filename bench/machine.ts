import { readFileSync, statfsSync } from 'node:fs';
import { arch, cpus, release, totalmem, type } from 'node:os';

/** The machine and the software of a run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  /** Type of the file system with the data of the gate. */
  readonly fileSystem: string;
  readonly node: string;
  /** Versions of Postern and its dependencies. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Magic numbers of statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  2035054128: 'overlay',
  16914836: 'tmpfs',
};
const GIB = 1024 ** 3;

/** Describes this machine. `folder` is the parent of the gate's data folder. */
export function describeMachine(folder: string): Machine {
  const cores = cpus();
  const { version, dependencies } = readPackage();
  const magic = statfsSync(folder).type;
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGib: Math.round(totalmem() / GIB),
    system: `${type()} ${release()} ${arch()}`,
    fileSystem: FILE_SYSTEMS[magic] ?? `0x${magic.toString(16)}`,
    node: process.version,
    packages: { postern: version, ...dependencies },
  };
}

function readPackage(): { version: string; dependencies: Record<string, string> } {
  // npm has already validated our own package.json.
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
}
