import type { DevelopmentCredentials } from './dev-credentials.ts';

export interface GuideFacts {
  /** Base URL. */
  readonly http: string;
  /** `HOST:PORT`. */
  readonly smtp: string;
  readonly data: string;
  readonly credentials: DevelopmentCredentials;
  /** Mail goes to a real server instead of the inbox. */
  readonly hasSmarthost: boolean;
}

/** What `postern dev` tells people: where it listens, with which credentials, and lines to paste. */
export function guideText({ http, smtp, data, credentials, hasSmarthost }: GuideFacts): string {
  const { account, adminToken, tempMail } = credentials;
  const where = hasSmarthost
    ? 'Mail goes to the smarthost.'
    : 'Mail goes to the inbox: nothing leaves this machine.';
  const inbox = hasSmarthost ? '' : `\n  Inbox        ${http}/#/inbox`;
  return `
Postern in development mode. ${where}

  Dashboard    ${http}${inbox}
  API pages    ${http}/docs
  HTTP         ${http}
  SMTP         ${smtp}
  Account      ${account.authuser}
  Temp-mail    @${tempMail.domains[0]}
  Data folder  ${data}

Its credentials; where these lines were pasted, the samples of README.md and docs/clients.md run as they are:

  export POSTERN_KEY=${account.key}
  export POSTERN_ADMIN_TOKEN=${adminToken}
  export TEMP_MAIL_ADMIN=${tempMail.adminPassword}

Send a message in the way of PowerMTA, in ours, by SMTP, and as an address of temp-mail${hasSmarthost ? '' : ', and look into the inbox'}:

${samples(http, smtp, account.key)}${hasSmarthost ? '' : `\n\n  curl ${http}/inbox`}

Ctrl-C stops it.
`;
}

const FROM = 'shop@example.com';
const TO = 'customer@example.org';

function samples(http: string, smtp: string, key: string): string {
  const letter = JSON.stringify({ to_mail: TO, subject: 'Hello from temp-mail', content: 'It works.' });
  return `  curl ${http}/messages -d '${message('PowerMTA')}'

  curl ${http}/v1/messages -H 'Authorization: Bearer ${key}' \\
    -d '${message('Postern')}'

  printf 'From: ${FROM}\\nTo: ${TO}\\nSubject: Hello from SMTP\\n\\nIt works.\\n' |
    curl smtp://${smtp} --crlf --user 'any:${key}' --mail-from ${FROM} --mail-rcpt ${TO} -sST -

  jwt=$(curl -sX POST ${http}/api/new_address | cut -d'"' -f4)
  curl ${http}/api/send_mail -H "Authorization: Bearer $jwt" \\
    -d '${letter}'`;
}

function message(name: string): string {
  return JSON.stringify({ from: FROM, to: TO, subject: `Hello from ${name}`, text: 'It works.' });
}
