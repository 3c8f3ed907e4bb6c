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
  const { account, adminToken } = credentials;
  const where = hasSmarthost
    ? 'Mail goes to the smarthost.'
    : 'Mail goes to the inbox: nothing leaves this machine.';
  return `
Postern in development mode. ${where}

  HTTP         ${http}${hasSmarthost ? '' : `        inbox: ${http}/inbox`}
  API pages    ${http}/docs
  SMTP         ${smtp}
  Data folder  ${data}

  Account      ${account.authuser}
  Key          ${account.key}
  Admin token  ${adminToken}

Send a message, in the way of PowerMTA or in ours${hasSmarthost ? '' : ', and look into the inbox'}:

  curl -d '${message('PowerMTA')}' ${http}/messages

  curl -H 'Authorization: Bearer ${account.key}' \\
    -d '${message('Postern')}' ${http}/v1/messages
${hasSmarthost ? '' : `\n  curl ${http}/inbox\n`}
Ctrl-C stops it.
`;
}

function message(name: string): string {
  return JSON.stringify({
    from: 'shop@example.com',
    to: 'customer@example.org',
    subject: `Hello from ${name}`,
    text: 'It works.',
  });
}
