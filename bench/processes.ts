import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc/PID/stat describes it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, and of its children that have ended. */
  readonly cpuSeconds: number;
}

/** USER_HZ: what Linux counts /proc times in, whatever its own clock does. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** CPU time of a process and all its descendants so far. */
export function cpuSecondsOf(pid: number): number {
  return familyOf(pid, readProcesses()).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** The oldest process of this one's family that runs the same program: what a server's other processes came from. */
export function firstOfProgram(pid: number): number {
  const nameOf = (of: number) => readIfAlive(`/proc/${of}/comm`);
  const parent = parseStat(readIfAlive(`/proc/${pid}/stat`) ?? '').parent;
  return parent > 1 && nameOf(parent) === nameOf(pid) ? firstOfProgram(parent) : pid;
}

/** The memory that a process has now. */
export function memoryBytesOf(pid: number): number {
  return parseMemoryBytes(readIfAlive(`/proc/${pid}/status`) ?? '');
}

/** The most memory that a process and its living descendants each had at once, added up. */
export function peakBytesOf(pid: number): number {
  const peaks = familyOf(pid, readProcesses()).map(member => {
    return parsePeakBytes(readIfAlive(`/proc/${member.pid}/status`) ?? '');
  });
  return peaks.reduce((sum, bytes) => sum + bytes, 0);
}

/** Reads a line of proc_pid_stat(5). The name of the program, in brackets, may itself have brackets and blanks. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  // After the name: state, ppid, …; utime, stime, cutime and cstime are fields 14 to 17 of the line.
  const ticks = number(11) + number(12) + number(13) + number(14);
  return { pid: Number.parseInt(line, 10), parent: number(1), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** Reads VmHWM of proc_pid_status(5); 0 for a process that has ended. */
export function parsePeakBytes(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * KIB;
}

/** Reads VmRSS of proc_pid_status(5); 0 for a process that has ended. */
export function parseMemoryBytes(status: string): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * KIB;
}

/** A process and its descendants. */
export function familyOf(pid: number, processes: readonly ProcessStat[]): readonly ProcessStat[] {
  const self = processes.filter(process => process.pid === pid);
  const children = processes.filter(({ parent }) => parent === pid);
  return [...self, ...children.flatMap(child => familyOf(child.pid, processes))];
}

function readProcesses(): readonly ProcessStat[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => readIfAlive(`/proc/${pid}/stat`) ?? [])
    .map(parseStat);
}

/** A process may end while its neighbours are looked at. */
function readIfAlive(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
