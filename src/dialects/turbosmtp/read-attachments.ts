import { hasControl } from '../../core/control-characters.ts';
import type { Attachment } from '../../core/message.ts';
import { parseBase64 } from '../../mime/base64.ts';
import { parseJsonText } from './json-text.ts';
import { type Fields, isAbsent, isRecord, isUpload, itemsOf, textOf, type Upload } from './values.ts';

/** What a file holds, and its type where that says so itself. */
type Content = Pick<Attachment, 'content'> & { readonly type?: string };

// RFC 2045 5.1, with quoted parameter values on one line.
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const CONTENT_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?: *; *${TOKEN}=(?:${TOKEN}|"[ !#-\\[\\]-~]*"))*$`);
const CONTENT_ID = /^[!-;=?-~]{1,250}$/;
const MAX_NAME = 255;

/** Reads a list of files, or its JSON as text; undefined when one of them is not valid. `domain` is the sender's. */
export function readAttachments(value: unknown, domain: string): readonly Attachment[] | undefined {
  if (isAbsent(value)) return [];
  const items = isUpload(value) ? [value] : itemsOf(parsed(value));
  if (items === undefined) return undefined;
  const read = items.map(item => readAttachment(item, domain));
  const sound = read.filter(attachment => attachment !== undefined);
  return sound.length === read.length ? sound : undefined;
}

function parsed(value: unknown): unknown {
  const text = textOf(value);
  return text === undefined ? value : parseJsonText(text);
}

function readAttachment(item: unknown, domain: string): Attachment | undefined {
  if (isUpload(item)) return named(contentOfUpload(item), item.filename, '', '', domain);
  // What would have to be fetched from somewhere is never fetched.
  if (!isRecord(item) || !isAbsent(item['path']) || !isAbsent(item['href'])) return undefined;
  const [name, type, id] = ['name', 'type', 'content_id'].map(field => textOf(item[field]));
  if (name === undefined || type === undefined || id === undefined) return undefined;
  const content = contentOf(item);
  return content && named(content, name || nameOfUpload(item), type, id, domain);
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

function named(
  { content, type: ownType }: Content,
  filename: string,
  type: string,
  id: string,
  domain: string,
): Attachment | undefined {
  const contentType = type || ownType || 'application/octet-stream';
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
