import { useProviderName } from '../data/lists.ts';
import type { Attempt, GateEvent, MessageStory } from '../data/shapes.ts';
import { phaseLabel, stateHint } from '../labels.ts';
import { StateLabel, toneOf } from '../parts/state-label.tsx';
import { duration, Time } from '../parts/time.tsx';

type Entry =
  | { readonly at: string; readonly attempt: Attempt }
  | { readonly at: string; readonly event: GateEvent };

/** The history of a message, oldest first: every attempt with the reply, and every event. */
export function Timeline({ message }: { readonly message: MessageStory }) {
  const entries: readonly Entry[] = [
    ...message.attempts.map(attempt => ({ at: attempt.startedAt, attempt })),
    ...message.events.map(event => ({ at: event.at, event })),
  ].toSorted((a, b) => a.at.localeCompare(b.at));
  return (
    <ol className="timeline">
      {entries.map(entry =>
        'attempt' in entry ? (
          <AttemptEntry key={`attempt ${entry.attempt.number}`} attempt={entry.attempt} />
        ) : (
          <EventEntry key={`event ${entry.event.id}`} event={entry.event} />
        ),
      )}
    </ol>
  );
}

function AttemptEntry({ attempt }: { readonly attempt: Attempt }) {
  const nameOf = useProviderName();
  const { reply, error } = attempt;
  return (
    <li className="step-attempt">
      <Time at={attempt.startedAt} />
      <div>
        <p>
          <strong>Attempt {attempt.number}</strong> through {nameOf(attempt.provider)}
          {attempt.remote !== undefined && <> ({attempt.remote})</>}
        </p>
        <p className="quiet-text">
          {attempt.phase === 'done' ? 'Completed in' : `Stopped at: ${phaseLabel(attempt.phase)}, after`}{' '}
          {duration(attempt.durationMs)}
          {attempt.repeated === true && ' · may deliver a second copy'}
        </p>
        {reply !== undefined && (
          <p className="response">
            {reply.code} {reply.enhanced} {reply.text}
          </p>
        )}
        {error !== undefined && <p className="response">{error}</p>}
      </div>
    </li>
  );
}

function EventEntry({ event }: { readonly event: GateEvent }) {
  const { code, enhanced, reason, nextAttemptAt } = event.data;
  const response = [code, enhanced, reason].filter(part => part !== undefined).join(' ');
  return (
    <li className={`step-${toneOf(event.type)}`}>
      <Time at={event.at} />
      <div>
        <p>
          <StateLabel state={event.type} /> {event.recipient}
        </p>
        {stateHint(event.type) !== undefined && <p className="quiet-text">{stateHint(event.type)}</p>}
        {response !== '' && event.type !== 'delivered' && <p className="response">{response}</p>}
        {typeof nextAttemptAt === 'string' && (
          <p className="quiet-text">
            Next attempt <Time at={nextAttemptAt} />
          </p>
        )}
      </div>
    </li>
  );
}
