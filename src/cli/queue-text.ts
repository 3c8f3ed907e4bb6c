import { safeForTerminal, table } from './command-output.ts';

interface Reply {
  readonly code: number;
  readonly enhanced?: string;
  readonly text: string;
}

/** A message as the API shows it. */
export interface ShownMessage {
  readonly id: string;
  readonly from: string;
  readonly subject: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly attempts: number;
    readonly dueAt?: string;
    readonly lastReply?: Reply;
    readonly lastError?: string;
  }[];
}

/** A message with its events. */
export interface ShownStory extends ShownMessage {
  readonly events: readonly {
    readonly at: string;
    readonly type: string;
    readonly recipient?: string;
    readonly provider?: number;
    readonly data: { readonly code?: number; readonly reason?: string };
  }[];
}

/** Messages, one a line. */
export function listing(messages: readonly ShownMessage[]): string {
  const rows = messages.map(message => [
    message.id,
    message.createdAt.slice(0, 19).replace('T', ' '),
    statesOf(message),
    message.from,
    recipientsOf(message),
    message.subject,
  ]);
  return table(['ID', 'ACCEPTED (UTC)', 'STATE', 'FROM', 'TO', 'SUBJECT'], rows);
}

function statesOf({ recipients }: ShownMessage): string {
  return [...new Set(recipients.map(recipient => recipient.state))].join(', ');
}

function recipientsOf({ recipients }: ShownMessage): string {
  const more = recipients.length > 1 ? ` and ${recipients.length - 1} more` : '';
  return `${recipients[0]?.address ?? ''}${more}`;
}

/** A message with its recipients and all that happened to it. */
export function storyText(story: ShownStory): string {
  const head = [
    `${story.id}  ${safeForTerminal(story.subject) || '(no subject)'}`,
    `from ${story.from || '<>'}, accepted ${story.createdAt}, given up ${story.expiresAt}`,
  ];
  const events = story.events.map(({ at, type, recipient, provider, data }) => [
    at,
    type,
    recipient ?? '',
    provider === undefined ? '' : `provider ${provider}`,
    [data.code, data.reason].filter(part => part !== undefined).join(' '),
  ]);
  const history = table(['TIME', 'EVENT', 'RECIPIENT', 'BY', 'DETAILS'], events);
  return [...head, '', recipientsText(story), '', history].join('\n');
}

/** Where each recipient of a message stands. */
export function recipientsText({ recipients }: ShownMessage): string {
  const rows = recipients.map(({ address, state, attempts, dueAt, lastReply, lastError }) => [
    address,
    state,
    String(attempts),
    dueAt ?? '',
    lastReply === undefined ? (lastError ?? '') : replyText(lastReply),
  ]);
  return table(['RECIPIENT', 'STATE', 'ATTEMPTS', 'DUE', 'LAST ANSWER'], rows);
}

function replyText({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(part => part !== undefined).join(' ');
}
