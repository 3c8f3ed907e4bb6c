import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { call, withQuery } from '../data/api.ts';
import { useProviderName } from '../data/lists.ts';
import type { Message, MessagePage } from '../data/shapes.ts';
import { Empty, Failure, Loading } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { RecipientStates } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { to, useLocation } from '../route.ts';
import { filterOf } from './message-filter.ts';
import { MessageSearch } from './message-search.tsx';

const PAGE = 50;
const REFRESH_MS = 5_000;

/** The list of messages, newest first, with a search. */
export function MessagesPage() {
  const { query } = useLocation();
  const filter = filterOf(query);
  const messages = useMessages(filter);
  const isFiltered = Object.keys(filter).length > 0;
  const found = messages.data?.pages.flatMap(page => page.messages) ?? [];
  const isSearching = useContinuedSearch(messages, found.length);
  return (
    <Page title="Messages">
      <MessageSearch />
      {messages.error !== null && <Failure error={messages.error} onRetry={() => void messages.refetch()} />}
      {messages.isPending && <Loading rows={10} />}
      {messages.data !== undefined && (
        <div className={messages.isPlaceholderData ? 'stale' : undefined}>
          {(found.length > 0 || !isSearching) && <MessageList messages={found} isFiltered={isFiltered} />}
          {isSearching && <Loading rows={1} />}
          {messages.hasNextPage && !isSearching && (
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

/** The messages that match a filter, page by page. They are refreshed while only the first page is shown. */
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

/** Fetches further pages until a whole page of messages is found. Returns true while it does. */
function useContinuedSearch(messages: ReturnType<typeof useMessages>, found: number): boolean {
  const { hasNextPage, isFetching, error, fetchNextPage } = messages;
  const isSearching = hasNextPage && error === null && found < PAGE;
  useEffect(() => {
    if (isSearching && !isFetching) void fetchNextPage();
  }, [isSearching, isFetching, fetchNextPage]);
  return isSearching;
}

function MessageList(props: { readonly messages: readonly Message[]; readonly isFiltered: boolean }) {
  const nameOf = useProviderName();
  if (props.messages.length === 0) {
    return props.isFiltered ? (
      <Empty title="No messages match">
        <p>
          <a href={to('messages')}>Clear filters</a>
        </p>
      </Empty>
    ) : (
      <Empty title="No messages yet">
        <p>
          Messages from your applications appear here. <a href="/docs">How to send a message</a>
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
