import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import { AppError } from '../core/errors.ts';

/** A decoded message. */
export interface MailView {
  /** Addresses in the form `Name <address>`; '' if there are none. */
  readonly from: string;
  readonly to: string;
  readonly cc: string;
  readonly replyTo: string;
  readonly subject: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly text: string | undefined;
  /** Inline images are replaced by `data:` URLs. */
  readonly html: string | undefined;
  readonly attachments: readonly AttachmentView[];
}

export interface AttachmentView {
  readonly filename: string;
  readonly contentType: string;
  readonly cid: string | undefined;
  readonly content: Buffer;
}

/** Decodes a message. Throws `invalid` if its parts are nested too deeply. */
export async function viewMail(mime: Buffer): Promise<MailView> {
  const email = await parse(mime);
  const attachments = email.attachments.map(toAttachmentView);
  return {
    from: formatAddresses(email.from === undefined ? [] : [email.from]),
    to: formatAddresses(email.to),
    cc: formatAddresses(email.cc),
    replyTo: formatAddresses(email.replyTo),
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
    throw new AppError('invalid', 'This message cannot be decoded. Look at its raw source.');
  }
}

function formatAddresses(addresses: readonly Address[] = []): string {
  const format = ({ name, address }: Address) =>
    name === '' ? (address ?? '') : `${name} <${address ?? ''}>`;
  return addresses.flatMap(address => address.group?.map(format) ?? [format(address)]).join(', ');
}

function toAttachmentView(
  { filename, mimeType, contentId, content }: Attachment,
  index: number,
): AttachmentView {
  return {
    filename: filename ?? `part-${index + 1}`,
    contentType: mimeType,
    cid: contentId?.replace(/^<|>$/g, ''),
    // The parser returns bytes unless another encoding is requested.
    content: Buffer.from(content as ArrayBuffer),
  };
}

/** Replaces `cid:` references by `data:` URLs, so that a page without network access shows the images. */
function withInlineImages(html: string, attachments: readonly AttachmentView[]): string {
  return html.replace(/\bcid:([^"'\s)>]+)/gi, (reference, cid: string) => {
    const image = attachments.find(part => part.cid === cid && /^image\/[\w.+-]+$/.test(part.contentType));
    return image === undefined
      ? reference
      : `data:${image.contentType};base64,${image.content.toString('base64')}`;
  });
}
