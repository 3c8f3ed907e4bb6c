import { useProviderName } from '../data/lists.ts';
import type { Attempt, GateEvent, MessageStory } from '../data/shapes.ts';
import { StateWord, toneOf } from '../parts/state-word.tsx';
import { duration, Time } from '../parts/time.tsx';

type Entry =
  | { readonly at: string; readonly attempt: Attempt }
  | { readonly at: string; readonly event: GateEvent };

/** What happened to a message, oldest first: every attempt with what was said, and what it led to. */
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
          <strong>Attempt {attempt.number}</strong> by {nameOf(attempt.provider)}
          {attempt.remote !== undefined && <> at {attempt.remote}</>}
        </p>
        <p className="quiet-text">
          {attempt.phase === 'done' ? 'went to its end' : `got as far as ${attempt.phase}`} in{' '}
          {duration(attempt.durationMs)}
          {attempt.repeated === true && ' · may be a second copy'}
        </p>
        {reply !== undefined && (
          <p className="said">
            {reply.code} {reply.enhanced} {reply.text}
          </p>
        )}
        {error !== undefined && <p className="said">{error}</p>}
      </div>
    </li>
  );
}

function EventEntry({ event }: { readonly event: GateEvent }) {
  const { code, enhanced, reason, nextAttemptAt } = event.data;
  const said = [code, enhanced, reason].filter(part => part !== undefined).join(' ');
  return (
    <li className={`step-${toneOf(event.type)}`}>
      <Time at={event.at} />
      <div>
        <p>
          <StateWord state={event.type} /> {event.recipient}
        </p>
        {said !== '' && event.type !== 'delivered' && <p className="said">{said}</p>}
        {typeof nextAttemptAt === 'string' && (
          <p className="quiet-text">
            next try <Time at={nextAttemptAt} />
          </p>
        )}
      </div>
    </li>
  );
}
