import type { Event } from '../../core/event.ts';

/** How an event is told from all others, however often it is posted. */
export function webhookId({ seq, at }: Event): string {
  return `evt_${seq}_${at}`;
}

/** The JSON that is posted: `data` is the event as `GET /v1/events` shows it. */
export function webhookBody({ seq, at, account: _, data, ...same }: Event): string {
  const { nextAttemptAt, ...details } = data;
  const timestamp = sayTime(at);
  return JSON.stringify({
    type: same.type,
    timestamp,
    data: {
      id: seq,
      at: timestamp,
      ...same,
      data: { ...details, ...(nextAttemptAt !== undefined && { nextAttemptAt: sayTime(nextAttemptAt) }) },
    },
  });
}

function sayTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
