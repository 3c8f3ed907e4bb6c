import type { Event } from '../../core/event.ts';

/** The id of an event. It is the same in every attempt. */
export function webhookId({ seq, at }: Event): string {
  return `evt_${seq}_${at}`;
}

/** The body of the POST request. Its `data` is the event as in `GET /v1/events`. */
export function webhookBody({ seq, at, account: _, data, ...common }: Event): string {
  const { nextAttemptAt, ...details } = data;
  const timestamp = formatTime(at);
  return JSON.stringify({
    type: common.type,
    timestamp,
    data: {
      id: seq,
      at: timestamp,
      ...common,
      data: { ...details, ...(nextAttemptAt !== undefined && { nextAttemptAt: formatTime(nextAttemptAt) }) },
    },
  });
}

function formatTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
