import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import { AppError } from '../core/errors.ts';

/** A message, decoded. */
export interface MailView {
  /** As the header fields show them; '' where there is none. */
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly replyTo: string;
  readonly subject: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | undefined;
  /** With inline images put in as `data:` addresses. */
  readonly html: string | undefined;
  readonly attachments: readonly AttachmentView[];
}

export interface AttachmentView {
  readonly filename: string;
  readonly contentType: string;
  readonly cid: string | undefined;
  readonly content: Buffer;
}

/** Decodes a message; `invalid` when it nests deeper than anybody's reader would follow. */
export async function viewMail(mime: Buffer): Promise<MailView> {
  const email = await parse(mime);
  const attachments = email.attachments.map(toAttachmentView);
  return {
    from: sayAddresses(email.from === undefined ? [] : [email.from]),
    to: sayAddresses(email.to),
    cc: sayAddresses(email.cc),
    replyTo: sayAddresses(email.replyTo),
    subject: email.subject ?? '',
    headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    text: email.text,
    html: email.html === undefined ? undefined : withInlineImages(email.html, attachments),
    attachments,
  };
}

async function parse(mime: Buffer): Promise<Email> {
  try {
    return await PostalMime.parse(mime, { maxNestingDepth: 50, forceRfc822Attachments: true });
  } catch {
    throw new AppError('invalid', 'This message cannot be taken apart; look at its raw source.');
  }
}

function sayAddresses(addresses: readonly Address[] = []): string {
  const say = ({ name, address }: Address) => (name === '' ? (address ?? '') : `${name} <${address ?? ''}>`);
  return addresses.flatMap(address => address.group?.map(say) ?? [say(address)]).join(', ');
}

function toAttachmentView(
  { filename, mimeType, contentId, content }: Attachment,
  index: number,
): AttachmentView {
  return {
    filename: filename ?? `part-${index + 1}`,
    contentType: mimeType,
    cid: contentId?.replace(/^<|>$/g, ''),
    // The parser gives bytes, as no other encoding was asked for.
    content: Buffer.from(content as ArrayBuffer),
  };
}

/** Puts images in the place of the `cid:` references to them, so that a page without network access shows them. */
function withInlineImages(html: string, attachments: readonly AttachmentView[]): string {
  return html.replace(/\bcid:([^"'\s)>]+)/gi, (reference, cid: string) => {
    const image = attachments.find(part => part.cid === cid && /^image\/[\w.+-]+$/.test(part.contentType));
    return image === undefined
      ? reference
      : `data:${image.contentType};base64,${image.content.toString('base64')}`;
  });
}
