import type { Rescue, Rescued } from '../delivery/rescue.ts';

const EVERY_MS = 5_000;

/** Takes over the messages of nodes that died. Returns the pause before the next run, in ms. */
export async function rescueDead(
  rescue: Rescue,
  canDeclareDead: () => boolean,
  onRescued: (rescued: Rescued) => void,
): Promise<number> {
  if (!canDeclareDead()) return EVERY_MS;
  const rescued = await rescue();
  if (rescued.notSent + rescued.answered + rescued.unknown > 0) onRescued(rescued);
  return EVERY_MS;
}
