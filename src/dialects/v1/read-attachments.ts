import { hasControl } from '../../core/control-characters.ts';
import type { Attachment } from '../../core/message.ts';
import { parseBase64 } from '../../mime/base64.ts';
import { present } from '../present.ts';
import type { Problems } from './problems.ts';

/** An attachment whose shape was checked. */
interface ShapedAttachment {
  readonly filename?: string;
  readonly content: string;
  readonly contentType?: string;
  readonly cid?: string;
}

// RFC 2045 5.1, with quoted parameter values on one line.
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const CONTENT_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?: *; *${TOKEN}=(?:${TOKEN}|"[ !#-\\[\\]-~]*"))*$`);
const CID = /^[!-;=?-~]+$/;

/** Checks what of attachments can be wrong beyond their shape. */
export function readAttachments(
  shaped: readonly ShapedAttachment[],
  problems: Problems,
): readonly Attachment[] {
  return shaped.map((attachment, index) => readAttachment(attachment, `attachments[${index}]`, problems));
}

function readAttachment(attachment: ShapedAttachment, field: string, problems: Problems): Attachment {
  const { filename, content, cid, contentType = 'application/octet-stream' } = attachment;
  if (filename !== undefined && (hasControl(filename) || /[/\\]/.test(filename))) {
    problems.add(`${field}.filename`, 'must be a file name without path and control characters');
  }
  if (!CONTENT_TYPE.test(contentType))
    problems.add(`${field}.contentType`, 'must be a media type such as image/png');
  if (cid !== undefined && !CID.test(cid)) {
    problems.add(`${field}.cid`, 'must be printable ASCII without spaces and angle brackets');
  }
  const base64 = parseBase64(content);
  if (!base64.ok) problems.add(`${field}.content`, base64.reason);
  return { contentType, content, ...present({ filename, cid }) };
}
