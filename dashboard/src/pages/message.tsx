import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../data/api.ts';
import { useAccounts } from '../data/lists.ts';
import { useMay } from '../data/session.ts';
import type { MessageStory, State } from '../data/shapes.ts';
import { apiLabel, stateHint } from '../labels.ts';
import { useCall } from '../parts/action.tsx';
import { Failure, Fetched } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { StateLabel } from '../parts/state-label.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { to } from '../route.ts';
import { CurlDialog } from './curl-dialog.tsx';
import { fileSize, MessageContent } from './message-content.tsx';
import { ResendDialog } from './resend-dialog.tsx';
import { Timeline } from './timeline.tsx';
import { whyLate } from './why-late.ts';

const REFRESH_MS = 3_000;
const PENDING: readonly State[] = ['queued', 'deferred'];
const RETRIABLE: readonly State[] = ['queued', 'deferred', 'bounced', 'failed', 'expired', 'unknown'];

/** One message: its status, its timeline, its content, and the actions on it. */
export function MessagePage({ id }: { readonly id: string }) {
  const story = useQuery({
    queryKey: ['message', id],
    queryFn: () => call<MessageStory>('GET', `/v1/messages/${encodeURIComponent(id)}`),
    refetchInterval: ({ state }) => (state.data !== undefined && isPending(state.data) ? REFRESH_MS : false),
  });
  return (
    <Page
      title={story.data === undefined ? 'Message' : story.data.subject || '(no subject)'}
      actions={story.data === undefined ? undefined : <Actions message={story.data} />}
    >
      <Fetched query={story}>{message => <Story message={message} />}</Fetched>
    </Page>
  );
}

function Story({ message }: { readonly message: MessageStory }) {
  const reason = whyLate(message);
  return (
    <>
      <Details message={message} />
      {reason !== undefined && (
        <p className="why">
          <strong>Not delivered yet.</strong> {reason}
        </p>
      )}
      <div className="columns">
        <section aria-labelledby="recipients">
          <h2 id="recipients">Recipients</h2>
          <Recipients message={message} />
          <h2>Timeline</h2>
          <Timeline message={message} />
        </section>
        <section aria-labelledby="content">
          <h2 id="content">Content</h2>
          <MessageContent id={message.id} />
        </section>
      </div>
    </>
  );
}

function Details({ message }: { readonly message: MessageStory }) {
  const { data: accounts } = useAccounts();
  const account = accounts?.find(({ id }) => id === message.account)?.name;
  const details: readonly (readonly [string, ReactNode])[] = [
    ['From', message.from],
    ['Envelope sender', message.sender || '<>'],
    ['Accepted', <Time key="at" at={message.createdAt} />],
    ['Expires', isOpen(message) && <Time key="until" at={message.expiresAt} />],
    ['Account', account],
    ['Received through', apiLabel(message.dialect)],
    ['Size', fileSize(message.size)],
    ['Tags', message.tags.join(', ')],
    ['turboSMTP mid', message.mid],
    ['Reference ID', message.referenceId],
    ['Campaign ID', message.campaignId],
    ['ID', <code key="id">{message.id}</code>],
    ['Message-ID', <code key="message-id">{message.messageId}</code>],
  ];
  return (
    <dl className="facts">
      {details
        .filter(([, value]) => value !== undefined && value !== false && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Recipients({ message }: { readonly message: MessageStory }) {
  return (
    <Table label="Recipients" columns={['State', 'Address', 'Attempts', 'Last response']}>
      {message.recipients.map(({ address, state, attempts, dueAt, lastReply, lastError }) => (
        <tr key={address}>
          <td>
            <StateLabel state={state} />
            {stateHint(state) !== undefined && <p className="quiet-text">{stateHint(state)}</p>}
          </td>
          <td>{address}</td>
          <td className="figures">{attempts}</td>
          <td className="wide">
            {lastReply === undefined ? lastError : replyText(lastReply)}
            {dueAt !== undefined && PENDING.includes(state) && (
              <span className="quiet-text">
                {' '}
                Next attempt <Time at={dueAt} />
              </span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function replyText({ code, enhanced, text }: { code: number; enhanced?: string; text: string }): string {
  return [code, enhanced, text].filter(part => part !== undefined).join(' ');
}

function Actions({ message }: { readonly message: MessageStory }) {
  const mayAct = useMay('operator');
  const [shown, show] = useState<'resend' | 'curl'>();
  const act = useCall();
  const states = message.recipients.map(({ state }) => state);
  const post = (verb: string) => act.mutate({ method: 'POST', path: `/v1/messages/${message.id}/${verb}` });
  const isBusy = act.isPending || message.isLeased;
  return (
    <>
      {mayAct && states.some(state => RETRIABLE.includes(state)) && (
        <button type="button" disabled={isBusy} onClick={() => post('retry')}>
          Retry now
        </button>
      )}
      {mayAct && states.some(state => PENDING.includes(state)) && (
        <button type="button" className="danger" disabled={isBusy} onClick={() => post('cancel')}>
          Cancel message
        </button>
      )}
      {mayAct && (
        <button type="button" onClick={() => show('resend')}>
          Resend…
        </button>
      )}
      <button type="button" onClick={() => show('curl')}>
        Copy as curl…
      </button>
      <a className="button" href={to('messages', { recipient: message.recipients[0]?.address })}>
        Other mail to this address
      </a>
      {act.error !== null && <Failure error={act.error} />}
      {shown === 'resend' && <ResendDialog id={message.id} onClose={() => show(undefined)} />}
      {shown === 'curl' && <CurlDialog id={message.id} onClose={() => show(undefined)} />}
    </>
  );
}

/** Returns true if another attempt may follow. */
function isOpen({ recipients }: MessageStory): boolean {
  return recipients.some(({ state, dueAt }) => PENDING.includes(state) || dueAt !== undefined);
}

function isPending({ recipients }: MessageStory): boolean {
  return recipients.some(({ state }) => PENDING.includes(state));
}
