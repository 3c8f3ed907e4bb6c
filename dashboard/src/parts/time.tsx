const DAY_MS = 86_400_000;

/** A short time in the user's time zone; the exact time appears on hover. */
export function Time({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={exact(date)}>
      {short(date, new Date())}
    </time>
  );
}

/** A duration: `850 ms`, `12 s`, `3 h 5 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

function short(date: Date, now: Date): string {
  const clock = date.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  if (date.toDateString() === now.toDateString()) return clock;
  const isRecent = Math.abs(now.getTime() - date.getTime()) < 300 * DAY_MS;
  const day = date.toLocaleDateString(undefined, {
    ...{ day: 'numeric', month: 'short' },
    ...(!isRecent && { year: 'numeric' }),
  });
  return `${day}, ${clock}`;
}

function exact(date: Date): string {
  const time = date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
  return `${time} · ${date.toISOString()}`;
}
