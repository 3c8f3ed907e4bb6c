/** Ms on the clock that all processes of a machine share, and that nobody sets: for differences only. */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
