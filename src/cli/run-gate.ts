import type { OpenGate } from './open-gate.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** The exit codes that shells report for a program that a signal ended. */
const EXIT_CODES = { SIGTERM: 143, SIGINT: 130 } as const;

/** Waits for SIGTERM or SIGINT, and stops the gate in order. A second signal ends the process immediately. */
export async function runUntilSignal(open: OpenGate, onStopping: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isStopping = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (isStopping) process.exit(EXIT_CODES[signal]);
      isStopping = true;
      resolve();
    });
  }
  await promise;
  onStopping();
  await open.close();
}
