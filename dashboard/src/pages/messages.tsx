import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call, withQuery } from '../data/api.ts';
import { useProviderName } from '../data/lists.ts';
import type { Message, MessagePage } from '../data/shapes.ts';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { RecipientStates } from '../parts/state-word.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { to, useLocation } from '../route.ts';
import { filterOf } from './message-filter.ts';
import { MessageSearch } from './message-search.tsx';

const PAGE = 50;
const REFRESH_MS = 5_000;

/** All mail, newest first, found by whatever is known of it. */
export function MessagesPage() {
  const { query } = useLocation();
  const filter = filterOf(query);
  const messages = useMessages(filter);
  const isFiltered = Object.keys(filter).length > 0;
  const found = messages.data?.pages.flatMap(page => page.messages) ?? [];
  const isLooking = useLookingFurther(messages, found.length);
  return (
    <Page title="Messages">
      <MessageSearch />
      {messages.error !== null && <Failure error={messages.error} onRetry={() => void messages.refetch()} />}
      {messages.isPending && <Loading rows={10} />}
      {messages.data !== undefined && (
        <div className={messages.isPlaceholderData ? 'stale' : undefined}>
          {(found.length > 0 || !isLooking) && <MessageList messages={found} isFiltered={isFiltered} />}
          {isLooking && <Loading rows={1} />}
          {messages.hasNextPage && !isLooking && (
            <p className="more">
              <button
                type="button"
                disabled={messages.isFetchingNextPage}
                onClick={() => void messages.fetchNextPage()}
              >
                {messages.isFetchingNextPage ? 'Loading…' : 'Show older'}
              </button>
            </p>
          )}
        </div>
      )}
    </Page>
  );
}

/** The messages that a filter finds, page by page; the newest are looked for again while nothing older is shown. */
export function useMessages(filter: Readonly<Record<string, string>>, refreshMs = REFRESH_MS) {
  return useInfiniteQuery({
    queryKey: ['messages', filter],
    queryFn: ({ pageParam }) =>
      call<MessagePage>('GET', withQuery('/v1/messages', { ...filter, limit: PAGE, cursor: pageParam })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: page => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : refreshMs),
  });
}

/** A search that did not find a page full among the newest messages goes on by itself; tells whether it does. */
function useLookingFurther(messages: ReturnType<typeof useMessages>, found: number): boolean {
  const { hasNextPage, isFetching, error, fetchNextPage } = messages;
  const isLooking = hasNextPage && error === null && found < PAGE;
  useEffect(() => {
    if (isLooking && !isFetching) void fetchNextPage();
  }, [isLooking, isFetching, fetchNextPage]);
  return isLooking;
}

function MessageList(props: { readonly messages: readonly Message[]; readonly isFiltered: boolean }) {
  const nameOf = useProviderName();
  if (props.messages.length === 0) {
    return props.isFiltered ? (
      <Empty title="No message is like that">
        <p>
          Look for less, or <a href={to('messages')}>at all of them</a>.
        </p>
      </Empty>
    ) : (
      <Empty title="No message yet">
        <p>
          What applications send shows up here. <a href="/docs">How to send</a>
        </p>
      </Empty>
    );
  }
  return (
    <Table label="Messages" hasCards columns={['State', 'Subject', 'To', 'From', 'Provider', 'Accepted']}>
      {props.messages.map(message => (
        <tr key={message.id} className="row-link">
          <td>
            <RecipientStates recipients={message.recipients} />
          </td>
          <td className="subject card-line">
            <a className="row-target" href={to(`messages/${message.id}`)}>
              {message.subject || '(no subject)'}
            </a>
          </td>
          <td className="clip card-more">{recipientsText(message)}</td>
          <td className="clip card-not">{message.from}</td>
          <td className="clip quiet-text card-not">
            {message.provider === null ? '–' : nameOf(message.provider)}
          </td>
          <td className="figures">
            <Time at={message.createdAt} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function recipientsText({ recipients }: Message): string {
  const [first] = recipients;
  if (first === undefined) return '';
  return recipients.length === 1 ? first.address : `${first.address} and ${recipients.length - 1} more`;
}
