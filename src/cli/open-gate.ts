import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config-schema.ts';
import { type DataFolder, holdDataFolder, type Purpose } from '../main/data-folder.ts';
import type { Gate } from '../main/rejoin.ts';
import type { StartOptions } from '../main/resources.ts';

/** A gate in this process, with its locked data folder. */
export interface OpenGate {
  readonly gate: Gate;
  readonly folder: DataFolder;
  /** Stops the gate and releases the folder. */
  close(): Promise<void>;
}

/** The longest wait for another command that uses the folder. */
const WAIT_MS = 10_000;

/** Locks the data folder and opens the gate. With the purpose `gate` it listens and delivers, with `command` it does neither. */
export async function openGate(
  config: Config,
  purpose: Purpose,
  options: Pick<StartOptions, 'onCaptured'> = {},
): Promise<OpenGate> {
  const folder = await holdDataFolder(config.data, { purpose, random: randomBytes, waitMs: WAIT_MS });
  try {
    // Imported here: loading the gate takes longer than most commands, and commands to a running gate do not need it.
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
