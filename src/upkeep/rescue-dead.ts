import { type RescueContext, type Rescued, rescue } from '../delivery/rescue.ts';

const EVERY_MS = 5_000;

/** Takes over from nodes that died; returns how long to wait for the next run. */
export async function rescueDead(
  context: RescueContext,
  onRescued: (rescued: Rescued) => void,
): Promise<number> {
  const rescued = await rescue(context);
  if (rescued.notSent + rescued.answered + rescued.unknown > 0) onRescued(rescued);
  return EVERY_MS;
}
