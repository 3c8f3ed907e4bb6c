import type { Recipient } from '../data/shapes.ts';
import { stateHint, stateLabel } from '../labels.ts';

/** The colour of a state. The label always says the same, so that nobody depends on the colour. */
type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm';

const TONES: Readonly<Record<string, Tone>> = {
  ...{ delivered: 'good', up: 'good', enabled: 'good', active: 'good', ok: 'good' },
  ...{ queued: 'busy', sending: 'busy', probing: 'busy', accepted: 'busy', retried: 'busy' },
  ...{ deferred: 'warn', unknown: 'warn', paused: 'warn' },
  ...{ bounced: 'bad', failed: 'bad', expired: 'bad', open: 'bad', revoked: 'bad', alert: 'bad' },
};

/** The colour of a state or an event. */
export function toneOf(state: string): Tone {
  return TONES[state] ?? 'calm';
}

/** A state as a coloured label. */
export function StateLabel({ state, children }: { readonly state: string; readonly children?: string }) {
  return (
    <span className={`state state-${toneOf(state)}`} title={stateHint(state)}>
      {children ?? stateLabel(state)}
    </span>
  );
}

/** The states of a message's recipients: one label if all are the same, otherwise a count for each state. */
export function RecipientStates({ recipients }: { readonly recipients: readonly Recipient[] }) {
  const counts = new Map<string, number>();
  for (const { state } of recipients) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <span className="states">
      {[...counts].map(([state, count]) => (
        <StateLabel key={state} state={state}>
          {counts.size === 1 ? stateLabel(state) : `${count} ${stateLabel(state).toLowerCase()}`}
        </StateLabel>
      ))}
    </span>
  );
}
