import { useProviders } from '../data/lists.ts';
import { Empty, Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { to, useLocation } from '../route.ts';
import { MessageContent } from './message-content.tsx';
import { useMessages } from './messages.tsx';

/** The inbox of development mode: what would have gone out, as a mail client shows it. */
export function InboxPage() {
  const providers = useProviders();
  return (
    <Page title="Inbox">
      <Fetched query={providers}>
        {list => {
          const inbox = list.find(({ kind }) => kind === 'capture');
          return inbox === undefined ? (
            <Empty title="This gate has no inbox">
              <p>In development mode without a smarthost, mail is kept here instead of going out.</p>
            </Empty>
          ) : (
            <Inbox provider={inbox.id} />
          );
        }}
      </Fetched>
    </Page>
  );
}

function Inbox({ provider }: { readonly provider: number }) {
  const { query } = useLocation();
  const letters = useMessages({ provider: String(provider) });
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
      <nav aria-label="Letters" className="letters">
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
