import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config-schema.ts';
import { type DataFolder, holdDataFolder, type Purpose } from '../main/data-folder.ts';
import type { Gate } from '../main/rejoin.ts';
import type { StartOptions } from '../main/resources.ts';

/** A gate in this process, with the data folder that it holds. */
export interface OpenGate {
  readonly gate: Gate;
  readonly folder: DataFolder;
  /** Stops the gate and gives the folder back. */
  close(): Promise<void>;
}

/** How long to wait for another command that is at work in the folder. */
const WAIT_MS = 10_000;

/** Takes the data folder and opens the gate: `gate` listens and delivers, `command` does neither. */
export async function openGate(
  config: Config,
  purpose: Purpose,
  options: Pick<StartOptions, 'onCaptured'> = {},
): Promise<OpenGate> {
  const folder = await holdDataFolder(config.data, { purpose, random: randomBytes, waitMs: WAIT_MS });
  try {
    // Only now: the whole gate takes longer to load than most commands take, and those that find it running need none.
    const { start } = await import('../main/main.ts');
    const isGate = purpose === 'gate';
    const gate = await start(config, { ...options, folder, listens: isGate, delivers: isGate });
    if (gate.http !== undefined) folder.publish(gate.http);
    return {
      gate,
      folder,
      async close() {
        try {
          await gate.stop();
        } finally {
          folder.release();
        }
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}
