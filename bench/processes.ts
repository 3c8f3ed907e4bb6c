import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc/PID/stat describes it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of all its threads, and of its children that have ended. */
  readonly cpuSeconds: number;
}

/** USER_HZ: the unit of times in /proc, independent of the kernel's own clock. */
const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** The CPU time so far of a process and all its descendants. */
export function cpuSecondsOf(pid: number): number {
  return familyOf(pid, readProcesses()).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** The oldest ancestor that runs the same program: the first process of a server. */
export function firstOfProgram(pid: number): number {
  const nameOf = (of: number) => readIfAlive(`/proc/${of}/comm`);
  const parent = parseStat(readIfAlive(`/proc/${pid}/stat`) ?? '').parent;
  return parent > 1 && nameOf(parent) === nameOf(pid) ? firstOfProgram(parent) : pid;
}

/** The current memory of a process. */
export function memoryBytesOf(pid: number): number {
  return parseMemoryBytes(readIfAlive(`/proc/${pid}/status`) ?? '');
}

/** The sum of the peak memory of a process and of its running descendants. */
export function peakBytesOf(pid: number): number {
  const peaks = familyOf(pid, readProcesses()).map(member => {
    return parsePeakBytes(readIfAlive(`/proc/${member.pid}/status`) ?? '');
  });
  return peaks.reduce((sum, bytes) => sum + bytes, 0);
}

/** Parses a line of proc_pid_stat(5). The program name, in brackets, may contain brackets and spaces. */
export function parseStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const number = (index: number) => Number(fields[index]);
  // Fields after the name: state, ppid, …; utime, stime, cutime and cstime are the fields 14 to 17 of the line.
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

/** A process may end while others are read. */
function readIfAlive(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
