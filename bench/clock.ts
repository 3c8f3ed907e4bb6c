/** Ms of the monotonic clock, which all processes of a machine share. Only differences are meaningful. */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
