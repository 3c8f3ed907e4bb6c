import type { Parts } from '../data/shapes.ts';

/** The APIs that a command can be had for. */
export const CURL_DIALECTS = [
  { name: 'v1', caption: '/v1' },
  { name: 'powermta', caption: 'PowerMTA' },
  { name: 'turbosmtp', caption: 'turboSMTP' },
  { name: 'smtp-mailer', caption: 'Own server' },
  { name: 'temp-mail', caption: 'Temp mail' },
] as const;

export type CurlDialect = (typeof CURL_DIALECTS)[number]['name'];

/** The command that sends a message with this sender, recipients, subject and text. */
export function curlFor(dialect: CurlDialect, parts: Parts, origin: string): string {
  const { from, to, cc, subject } = parts;
  const text = parts.text ?? '';
  const plain = { from, to, ...(cc !== '' && { cc }), subject, text };
  switch (dialect) {
    case 'v1':
      return lines(`${origin}/v1/messages`, [bearer(), json(plain)]);
    case 'powermta':
      return lines(`${origin}/messages`, [bearer(), json(plain)]);
    case 'turbosmtp': {
      const { text: content, ...rest } = plain;
      const keys = [`-H 'consumerKey: default'`, `-H "consumerSecret: $POSTERN_KEY"`];
      return lines(`${origin}/api/v2/mail/send`, [...keys, asJson(), json({ ...rest, content })]);
    }
    case 'smtp-mailer': {
      const server = ['server: mail.example.com', 'port: 587', 'secure: false', `email: ${addressOf(from)}`];
      const headers = server.map(header => `-H ${quote(header)}`);
      const secret = '-H "password: $SMTP_PASSWORD"';
      return lines(`${origin}/api/smtp`, [...headers, secret, asJson(), json(plain)]);
    }
    case 'temp-mail': {
      const body = { from_name: nameOf(from), to_name: nameOf(to), to_mail: addressOf(to) };
      const jwt = '-H "Authorization: Bearer $TEMP_MAIL_JWT"';
      return lines(`${origin}/api/send_mail`, [
        jwt,
        json({ ...body, subject, content: text, is_html: false }),
      ]);
    }
  }
}

function lines(url: string, parts: readonly string[]): string {
  return [`curl ${quote(url)}`, ...parts].join(' \\\n  ');
}

function bearer(): string {
  return '-H "Authorization: Bearer $POSTERN_KEY"';
}

function asJson(): string {
  return "-H 'Content-Type: application/json'";
}

function json(body: object): string {
  return `-d ${quote(JSON.stringify(body, null, 2))}`;
}

/** For a POSIX shell: within single quotes nothing is special but they themselves. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function addressOf(mailbox: string): string {
  return /<([^<>]+)>/.exec(mailbox)?.[1] ?? mailbox.split(',')[0]?.trim() ?? '';
}

function nameOf(mailbox: string): string {
  return /^([^<]*)</.exec(mailbox)?.[1]?.trim().replaceAll('"', '') ?? '';
}
