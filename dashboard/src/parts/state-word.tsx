import type { Recipient } from '../data/shapes.ts';

/** The tone of a word; the word itself always says what it means, the colour only helps. */
type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm';

const TONES: Readonly<Record<string, Tone>> = {
  ...{ delivered: 'good', up: 'good', enabled: 'good', active: 'good', ok: 'good' },
  ...{ queued: 'busy', sending: 'busy', probing: 'busy', accepted: 'busy', retried: 'busy' },
  ...{ deferred: 'warn', unknown: 'warn', paused: 'warn' },
  ...{ bounced: 'bad', failed: 'bad', expired: 'bad', open: 'bad', revoked: 'bad', alert: 'bad' },
};

/** The tone of a state. */
export function toneOf(state: string): Tone {
  return TONES[state] ?? 'calm';
}

/** A state as a coloured word. */
export function StateWord({ state, children }: { readonly state: string; readonly children?: string }) {
  return <span className={`state state-${toneOf(state)}`}>{children ?? state}</span>;
}

/** The states of some recipients: one word where they agree, else each with its number. */
export function RecipientStates({ recipients }: { readonly recipients: readonly Recipient[] }) {
  const counts = new Map<string, number>();
  for (const { state } of recipients) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <span className="states">
      {[...counts].map(([state, count]) => (
        <StateWord key={state} state={state}>
          {counts.size === 1 ? state : `${count} ${state}`}
        </StateWord>
      ))}
    </span>
  );
}
