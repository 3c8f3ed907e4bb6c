const WORK_US = 20_000;

/**
 * How many times longer work takes here now than it would with a processor to itself: 1 where nothing else runs. What is
 * measured in ms on a shared machine is held against its limit by this.
 */
export function slowness(): number {
  const start = performance.now();
  const before = process.cpuUsage();
  let usedUs = 0;
  while (usedUs < WORK_US) {
    const { user, system } = process.cpuUsage(before);
    usedUs = user + system;
  }
  return Math.max(1, ((performance.now() - start) * 1_000) / usedUs);
}
