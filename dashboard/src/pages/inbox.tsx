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
/** A user who watches the inbox has usually just sent a message. */
const REFRESH_MS = 1_500;

/** The inbox of development mode: the outgoing mail that it keeps, shown as in a mail client. */
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
              <p>
                A gate has an inbox in development mode without a smarthost: it keeps the mail and sends
                nothing.
              </p>
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

/** The arrow keys open the next or the previous message, as in a mail client. */
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
  const messages = useMessages({ provider: String(provider) }, REFRESH_MS);
  const list = messages.data?.pages.flatMap(page => page.messages) ?? [];
  const open = list.find(({ id }) => id === query['open']) ?? list[0];
  if (messages.error !== null)
    return <Failure error={messages.error} onRetry={() => void messages.refetch()} />;
  if (open === undefined) {
    return (
      <Empty title={messages.isPending ? 'Loading…' : 'No messages yet'}>
        <p>Send a message to this gate. It appears here immediately:</p>
        <pre>{`curl ${location.origin}/messages -d '{"from":"shop@example.com","to":"ada@example.org","subject":"Hello","text":"It works."}'`}</pre>
      </Empty>
    );
  }
  return (
    <div className="inbox">
      <nav aria-label="Messages" className="message-list" onKeyDown={moveByArrows}>
        <ul>
          {list.map(message => (
            <li key={message.id}>
              <a
                href={to('inbox', { open: message.id })}
                aria-current={message.id === open.id ? 'true' : undefined}
              >
                <span className="list-from">{message.from}</span>
                <Time at={message.createdAt} />
                <span className="list-subject">{message.subject || '(no subject)'}</span>
              </a>
            </li>
          ))}
        </ul>
        {messages.hasNextPage && (
          <button type="button" onClick={() => void messages.fetchNextPage()}>
            Show older
          </button>
        )}
      </nav>
      <article aria-labelledby="subject">
        <h2 id="subject">{open.subject || '(no subject)'}</h2>
        <p className="quiet-text">
          {open.from} to {open.recipients.map(({ address }) => address).join(', ')} ·{' '}
          <a href={to(`messages/${open.id}`)}>Delivery details</a>
        </p>
        <MessageContent key={open.id} id={open.id} />
      </article>
    </div>
  );
}
