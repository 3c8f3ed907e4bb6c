import type { DevelopmentCredentials } from './dev-credentials.ts';

export interface GuideContent {
  /** Base URL. */
  readonly http: string;
  /** `HOST:PORT`. */
  readonly smtp: string;
  readonly data: string;
  readonly credentials: DevelopmentCredentials;
  /** Mail goes to a real server instead of the inbox. */
  readonly hasSmarthost: boolean;
}

/** The text that `postern dev` prints at start: addresses, credentials and sample commands. */
export function guideText({ http, smtp, data, credentials, hasSmarthost }: GuideContent): string {
  const { account, adminToken, tempMail } = credentials;
  const destination = hasSmarthost
    ? 'Mail goes to the smarthost.'
    : 'Mail goes to the inbox: nothing leaves this machine.';
  const inbox = hasSmarthost ? '' : `\n  Inbox        ${http}/#/inbox`;
  return `
Postern runs in development mode. ${destination}

  Dashboard    ${http}${inbox}
  API pages    ${http}/docs
  HTTP         ${http}
  SMTP         ${smtp}
  Account      ${account.authuser}
  Temp-mail    @${tempMail.domains[0]}
  Data folder  ${data}

Paste these credentials into a shell. Then you can run the examples of README.md and docs/clients.md unchanged:

  export POSTERN_KEY=${account.key}
  export POSTERN_ADMIN_TOKEN=${adminToken}
  export TEMP_MAIL_ADMIN=${tempMail.adminPassword}

Send messages through the PowerMTA API, the Postern API, SMTP and temp-mail${hasSmarthost ? '' : ', and list the inbox'}:

${samples(http, smtp, account.key)}${hasSmarthost ? '' : `\n\n  curl ${http}/inbox`}

Press Ctrl-C to stop.
`;
}

const FROM = 'shop@example.com';
const TO = 'customer@example.org';

function samples(http: string, smtp: string, key: string): string {
  const tempMailMessage = JSON.stringify({
    to_mail: TO,
    subject: 'Hello from temp-mail',
    content: 'It works.',
  });
  return `  curl ${http}/messages -d '${message('PowerMTA')}'

  curl ${http}/v1/messages -H 'Authorization: Bearer ${key}' \\
    -d '${message('Postern')}'

  printf 'From: ${FROM}\\nTo: ${TO}\\nSubject: Hello from SMTP\\n\\nIt works.\\n' |
    curl smtp://${smtp} --crlf --user 'any:${key}' --mail-from ${FROM} --mail-rcpt ${TO} -sST -

  jwt=$(curl -sX POST ${http}/api/new_address | cut -d'"' -f4)
  curl ${http}/api/send_mail -H "Authorization: Bearer $jwt" \\
    -d '${tempMailMessage}'`;
}

function message(name: string): string {
  return JSON.stringify({ from: FROM, to: TO, subject: `Hello from ${name}`, text: 'It works.' });
}
