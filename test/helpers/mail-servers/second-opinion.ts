import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { runProgram } from '../programs/program.ts';

/** A message as a parser understood it that is not ours. */
export interface Opinion {
  readonly subject: string;
  /** `[name, address]` */
  readonly from: readonly (readonly [string, string])[];
  readonly to: readonly (readonly [string, string])[];
  readonly messageId: string;
  /** Line ends as LF. */
  readonly text: string | undefined;
  readonly html: string | undefined;
  readonly attachments: readonly {
    readonly filename: string;
    readonly contentType: string;
    readonly sha256: string;
  }[];
}

/** What Python's email package makes of a message; throws when it finds any defect in it. */
export async function readWithPython(mime: Buffer): Promise<Opinion> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-opinion-'));
  try {
    const path = join(folder, 'message.eml');
    writeFileSync(path, mime);
    const { code, stdout, stderr } = await runProgram('python3', ['-c', PYTHON, path]);
    if (code !== 0) throw new Error(`Python cannot read the message: ${stderr}`);
    const { text, html, ...opinion } = JSON.parse(stdout);
    return { ...opinion, text: text ?? undefined, html: html ?? undefined };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PYTHON = `
import email, email.policy, hashlib, json, sys
with open(sys.argv[1], 'rb') as file:
    message = email.message_from_binary_file(file, policy=email.policy.default)
defects = [d for part in message.walk() for d in part.defects]
defects += [d for part in message.walk() for field in part.values() for d in field.defects]
if defects:
    sys.exit('defects: ' + repr(defects))
def mailboxes(name):
    return [[a.display_name, a.addr_spec] for a in message[name].addresses] if name in message else []
def body(kind):
    part = message.get_body((kind,))
    return None if part is None else part.get_content().replace('\\r\\n', '\\n')
print(json.dumps({
    'subject': message['subject'], 'from': mailboxes('from'), 'to': mailboxes('to'),
    'messageId': message['message-id'], 'text': body('plain'), 'html': body('html'),
    'attachments': [{
        'filename': part.get_filename(), 'contentType': part.get_content_type(),
        'sha256': hashlib.sha256(part.get_payload(decode=True)).hexdigest(),
    } for part in message.iter_attachments()],
}))
`;

/** What mailparser makes of it. */
export async function readWithMailparser(mime: Buffer): Promise<Opinion> {
  const mail = await simpleParser(mime, { skipImageLinks: true, skipHtmlToText: true, skipTextToHtml: true });
  return {
    subject: mail.subject ?? '',
    from: mailboxesOf(mail.from),
    to: mailboxesOf(mail.to),
    messageId: mail.messageId ?? '',
    text: mail.text,
    html: mail.html === false ? undefined : mail.html,
    attachments: mail.attachments.map(({ filename, contentType, content }) => ({
      filename: filename ?? '',
      contentType,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
  };
}

type Addresses = Awaited<ReturnType<typeof simpleParser>>['to'];

function mailboxesOf(addresses: Addresses): readonly (readonly [string, string])[] {
  return [addresses ?? []]
    .flat()
    .flatMap(({ value }) => value.map(({ name, address = '' }) => [name, address] as const));
}
