import { type KeyboardEvent, useState } from 'react';
import { useProviders } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { to, useLocation } from '../route.ts';
import { ChaosDialog, ChaosNote } from './chaos-dialog.tsx';
import { EmptyDialog } from './empty-dialog.tsx';
import { MessageContent } from './message-content.tsx';
import { useMessages } from './messages.tsx';

type Shown = 'chaos' | 'empty';
/** Whoever watches the inbox has just sent something. */
const REFRESH_MS = 1_500;

/** The inbox of development mode: what would have gone out, as a mail client shows it. */
export function InboxPage() {
  const providers = useProviders();
  const mayChange = useMay('admin');
  const [shown, show] = useState<Shown>();
  const inbox = providers.data?.find(({ kind }) => kind === 'capture');
  const close = () => show(undefined);
  return (
    <Page
      title="Inbox"
      actions={
        inbox !== undefined &&
        mayChange && (
          <>
            <button type="button" aria-pressed={inbox.chaos !== undefined} onClick={() => show('chaos')}>
              Chaos…
            </button>
            <button type="button" className="danger" onClick={() => show('empty')}>
              Delete all…
            </button>
          </>
        )
      }
    >
      {inbox?.chaos !== undefined && <ChaosNote chaos={inbox.chaos} />}
      <Fetched query={providers}>
        {() =>
          inbox === undefined ? (
            <Empty title="This gate has no inbox">
              <p>In development mode without a smarthost, mail is kept here instead of going out.</p>
            </Empty>
          ) : (
            <Inbox provider={inbox.id} />
          )
        }
      </Fetched>
      {shown === 'chaos' && inbox !== undefined && <ChaosDialog inbox={inbox} onClose={close} />}
      {shown === 'empty' && <EmptyDialog onClose={close} />}
    </Page>
  );
}

/** Up and down go from letter to letter, and open it, as in a mail client. */
function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll('a')];
  const next = links[links.findIndex(link => link.matches(':focus')) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.click();
}

function Inbox({ provider }: { readonly provider: number }) {
  const { query } = useLocation();
  const letters = useMessages({ provider: String(provider) }, REFRESH_MS);
  const list = letters.data?.pages.flatMap(page => page.messages) ?? [];
  const open = list.find(({ id }) => id === query['open']) ?? list[0];
  if (letters.error !== null) return <Failure error={letters.error} onRetry={() => void letters.refetch()} />;
  if (open === undefined) {
    return (
      <Empty title={letters.isPending ? 'Looking…' : 'Nothing has come yet'}>
        <p>Send something to this gate, and it shows up here at once:</p>
        <pre>{`curl ${location.origin}/messages -d '{"from":"shop@example.com","to":"ada@example.org","subject":"Hello","text":"It works."}'`}</pre>
      </Empty>
    );
  }
  return (
    <div className="inbox">
      <nav aria-label="Letters" className="letters" onKeyDown={moveByArrows}>
        <ul>
          {list.map(letter => (
            <li key={letter.id}>
              <a
                href={to('inbox', { open: letter.id })}
                aria-current={letter.id === open.id ? 'true' : undefined}
              >
                <span className="letter-from">{letter.from}</span>
                <Time at={letter.createdAt} />
                <span className="letter-subject">{letter.subject || '(no subject)'}</span>
              </a>
            </li>
          ))}
        </ul>
        {letters.hasNextPage && (
          <button type="button" onClick={() => void letters.fetchNextPage()}>
            Show older
          </button>
        )}
      </nav>
      <article aria-labelledby="letter">
        <h2 id="letter">{open.subject || '(no subject)'}</h2>
        <p className="quiet-text">
          {open.from} to {open.recipients.map(({ address }) => address).join(', ')} ·{' '}
          <a href={to(`messages/${open.id}`)}>what happened to it</a>
        </p>
        <MessageContent key={open.id} id={open.id} />
      </article>
    </div>
  );
}
