import type { MessageView, Page } from '../../core/message-view.ts';
import type { DialectReply } from '../dialect.ts';
import { type Html, html } from '../html.ts';
import type { MailView } from '../mail-view.ts';
import { htmlPage } from '../page-frame.ts';

/** The HTML page with the list of captured messages. */
export function listPage({ items, next }: Page<MessageView>): DialectReply {
  const rows = items.map(
    message => html`<tr><td><a href="/inbox/${message.id}">${message.subject || '(no subject)'}</a></td>
<td>${message.from}</td><td>${recipientsOf(message)}</td><td>${formatTime(message.createdAt)}</td></tr>`,
  );
  const table = html`<table><tr><th>Subject</th><th>From</th><th>To</th><th>Accepted</th></tr>${rows}</table>`;
  const more =
    next === undefined ? [] : html`<p><a href="/inbox?cursor=${encodeURIComponent(next)}">Older</a></p>`;
  return htmlPage(
    200,
    'Inbox',
    items.length === 0 ? html`<p>The inbox is empty.</p>` : html`${table}${more}`,
  );
}

/** The HTML page of one captured message. */
export function mailPage(message: MessageView, mail: MailView): DialectReply {
  const fields: readonly (readonly [string, string])[] = [
    ['From', mail.from],
    ['To', mail.to],
    ['Cc', mail.cc],
    ['Reply-To', mail.replyTo],
    ['Sent to', recipientsOf(message)],
    ['Accepted', formatTime(message.createdAt)],
  ];
  return htmlPage(
    200,
    mail.subject || '(no subject)',
    html`<p><a href="/inbox">Inbox</a> · <a href="/inbox/${message.id}/raw">Raw source</a></p>
<table>${fields.filter(([, value]) => value !== '').map(([name, value]) => row(name, value))}</table>
${htmlPart(message, mail)}${textPart(mail)}${attachmentList(message, mail)}
<details><summary>Header</summary><table>${mail.headers.map(({ name, value }) => row(name, value))}</table></details>`,
  );
}

/** The HTML page of an error. */
export function errorPage(status: number, sentence: string): DialectReply {
  return htmlPage(status, String(status), html`<p>${sentence}</p><p><a href="/inbox">Inbox</a></p>`);
}

function row(name: string, value: string): Html {
  return html`<tr><th>${name}</th><td>${value}</td></tr>`;
}

function htmlPart({ id }: MessageView, mail: MailView): readonly Html[] {
  if (mail.html === undefined) return [];
  return [html`<h2>HTML</h2><iframe sandbox="" title="The message" src="/inbox/${id}/html"></iframe>`];
}

function textPart(mail: MailView): readonly Html[] {
  return mail.text === undefined ? [] : [html`<h2>Text</h2><pre>${mail.text}</pre>`];
}

function attachmentList({ id }: MessageView, mail: MailView): readonly Html[] {
  if (mail.attachments.length === 0) return [];
  const items = mail.attachments.map(
    ({ filename, contentType, content }, index) =>
      html`<li><a href="/inbox/${id}/attachments/${index}">${filename}</a> ${contentType}, ${content.length} bytes</li>`,
  );
  return [html`<h2>Attachments</h2><ul>${items}</ul>`];
}

function recipientsOf(message: MessageView): string {
  return message.recipients.map(({ address }) => address).join(', ');
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
