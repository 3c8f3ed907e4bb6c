import type { Parts } from '../data/shapes.ts';

/** The APIs for which there is a command. */
export const CURL_DIALECTS = ['v1', 'powermta', 'turbosmtp', 'smtp-mailer', 'temp-mail'] as const;

export type CurlDialect = (typeof CURL_DIALECTS)[number];

/** A curl command that sends a message with the same sender, recipients, subject and text. */
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

/** Quotes a text for a POSIX shell: in single quotes, only the single quote is special. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function addressOf(mailbox: string): string {
  return /<([^<>]+)>/.exec(mailbox)?.[1] ?? mailbox.split(',')[0]?.trim() ?? '';
}

function nameOf(mailbox: string): string {
  return /^([^<]*)</.exec(mailbox)?.[1]?.trim().replaceAll('"', '') ?? '';
}
