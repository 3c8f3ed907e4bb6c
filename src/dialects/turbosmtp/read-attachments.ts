import { hasControl } from '../../core/control-characters.ts';
import type { Attachment } from '../../core/message.ts';
import { parseBase64 } from '../../mime/base64.ts';
import { parseJsonText } from './json-text.ts';
import { type Fields, isAbsent, isRecord, isUpload, itemsOf, textOf, type Upload } from './values.ts';

/** The content of a file, and the type if an upload or a `data:` URI states it. */
type Content = Pick<Attachment, 'content'> & { readonly type?: string };

// RFC 2045, section 5.1, with quoted parameter values on one line.
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const CONTENT_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?: *; *${TOKEN}=(?:${TOKEN}|"[ !#-\\[\\]-~]*"))*$`);
const CONTENT_ID = /^[!-;=?-~]{1,250}$/;
const MAX_NAME = 255;

/** Reads a list of files, or its JSON text. Undefined if one file is invalid. `domain` is the domain of the sender. */
export function readAttachments(value: unknown, domain: string): readonly Attachment[] | undefined {
  if (isAbsent(value)) return [];
  const items = isUpload(value) ? [value] : itemsOf(parsed(value));
  if (items === undefined) return undefined;
  const attachments = items.map(item => readAttachment(item, domain));
  const valid = attachments.filter(attachment => attachment !== undefined);
  return valid.length === attachments.length ? valid : undefined;
}

function parsed(value: unknown): unknown {
  const text = textOf(value);
  return text === undefined ? value : parseJsonText(text);
}

function readAttachment(item: unknown, domain: string): Attachment | undefined {
  if (isUpload(item))
    return toAttachment(contentOfUpload(item), { filename: item.filename, type: '', id: '', domain });
  // The gate never fetches a file from a path or a URL.
  if (!isRecord(item) || !isAbsent(item['path']) || !isAbsent(item['href'])) return undefined;
  const [name, type, id] = ['name', 'type', 'content_id'].map(field => textOf(item[field]));
  if (name === undefined || type === undefined || id === undefined) return undefined;
  const content = contentOf(item);
  return content && toAttachment(content, { filename: name || nameOfUpload(item), type, id, domain });
}

function contentOf({ content }: Fields): Content | undefined {
  if (isUpload(content)) return contentOfUpload(content);
  const text = textOf(content);
  if (text === undefined) return undefined;
  const uri = /^data:([^,]*);base64,/i.exec(text.slice(0, 1_000));
  const base64 = uri === null ? text : text.slice(uri[0].length);
  if (base64 === '' || !parseBase64(base64).ok) return undefined;
  return { content: base64, ...(uri?.[1] && { type: uri[1] }) };
}

function contentOfUpload({ octets, type }: Upload): Content {
  return { content: octets, ...(type !== undefined && { type }) };
}

function nameOfUpload({ content }: Fields): string {
  return isUpload(content) ? content.filename : '';
}

/** The other properties of a file; '' means absent. */
interface FileProperties {
  readonly filename: string;
  readonly type: string;
  readonly id: string;
  readonly domain: string;
}

function toAttachment(
  { content, type: statedType }: Content,
  { filename, type, id, domain }: FileProperties,
): Attachment | undefined {
  const contentType = type || statedType || 'application/octet-stream';
  if (hasControl(filename) || /[/\\]/.test(filename) || filename.length > MAX_NAME) return undefined;
  if (!CONTENT_TYPE.test(contentType) || contentType.length > MAX_NAME) return undefined;
  if (id !== '' && !CONTENT_ID.test(id)) return undefined;
  return {
    contentType,
    content,
    ...(filename !== '' && { filename }),
    ...(id !== '' && { cid: id.includes('@') ? id : `${id}@${domain}` }),
  };
}
