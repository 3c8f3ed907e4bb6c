import { safeForTerminal, table } from './command-output.ts';

interface Reply {
  readonly code: number;
  readonly enhanced?: string;
  readonly text: string;
}

/** A message in a reply of the API. */
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
export interface ShownHistory extends ShownMessage {
  readonly events: readonly {
    readonly at: string;
    readonly type: string;
    readonly recipient?: string;
    readonly provider?: number;
    readonly data: { readonly code?: number; readonly reason?: string };
  }[];
}

/** Formats messages as a table. */
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

/** Formats a message with its recipients and events. */
export function historyText(message: ShownHistory): string {
  const head = [
    `${message.id}  ${safeForTerminal(message.subject) || '(no subject)'}`,
    `from ${message.from || '<>'}, accepted ${message.createdAt}, expires ${message.expiresAt}`,
  ];
  const rows = message.events.map(({ at, type, recipient, provider, data }) => [
    at,
    type,
    recipient ?? '',
    provider === undefined ? '' : String(provider),
    [data.code, data.reason].filter(part => part !== undefined).join(' '),
  ]);
  const events = table(['TIME', 'EVENT', 'RECIPIENT', 'PROVIDER', 'DETAILS'], rows);
  return [...head, '', recipientsText(message), '', events].join('\n');
}

/** Formats the recipients of a message with their states. */
export function recipientsText({ recipients }: ShownMessage): string {
  const rows = recipients.map(({ address, state, attempts, dueAt, lastReply, lastError }) => [
    address,
    state,
    String(attempts),
    dueAt ?? '',
    lastReply === undefined ? (lastError ?? '') : replyText(lastReply),
  ]);
  return table(['RECIPIENT', 'STATE', 'ATTEMPTS', 'DUE', 'LAST RESPONSE'], rows);
}

function replyText({ code, enhanced, text }: Reply): string {
  return [code, enhanced, text].filter(part => part !== undefined).join(' ');
}
