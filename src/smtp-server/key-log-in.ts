import type { Authenticate } from '../auth/authenticate.ts';
import { idOfKeyText } from '../auth/key-text.ts';
import type { Account, Principal } from '../core/account.ts';
import { AppError } from '../core/errors.ts';
import type { LogIn, SmtpSender } from '../operations/smtp-sender.ts';
import { assertMaySendAs } from '../submit/check.ts';
import type { Submit } from '../submit/submit.ts';

export interface KeyLogInContext {
  readonly authenticate: Authenticate;
  readonly submit: Submit['submit'];
}

/** Creates a login with the key of an account as the password. The user name is ignored. */
export function createKeyLogIn({ authenticate, submit }: KeyLogInContext): LogIn {
  return async ({ password: key }, clientAddress) => {
    const found = await authenticate({ key }, clientAddress);
    if (found === undefined) return undefined;
    assertMaySend(found);
    return keySender(found.account.name, submit, async () => {
      // Checks the key for each command, so that a revoked key or a changed account takes effect.
      const now = await authenticate({ key }, clientAddress);
      if (now === undefined) throw new AppError('unauthenticated', 'The key is no longer valid.');
      return now;
    });
  };
}

/** Returns a login that uses `keys` for passwords in the form of a key, and `others` for all other passwords. */
export function chooseLogIn(keys: LogIn, others: LogIn): LogIn {
  return (given, clientAddress) =>
    (idOfKeyText(given.password) === undefined ? others : keys)(given, clientAddress);
}

/** The rights of an account: it sends from its allowed senders. */
function keySender(name: string, submit: Submit['submit'], principal: () => Promise<Principal>): SmtpSender {
  return {
    name,
    async checkSender(sender) {
      assertMaySendAs((await principal()).account, [sender]);
    },
    async checkRecipient(_recipient, taken) {
      assertMoreRecipients((await principal()).account, taken);
    },
    async submit({ sender, recipients, mime, trace }) {
      return submit(await principal(), {
        dialect: 'smtp',
        envelope: { sender, recipients },
        body: { kind: 'raw', mime, ...(trace && { trace }) },
      });
    },
  };
}

function assertMaySend({ scopes }: Principal): void {
  if (!scopes.includes('send')) throw new AppError('forbidden', 'This key may not send mail.');
}

/** Checked at RCPT: the client can send to the other recipients in another transaction. At the dot, all would be refused. */
function assertMoreRecipients({ limits: { maxRecipientsPerMessage } }: Account, taken: number): void {
  if (maxRecipientsPerMessage === undefined || taken < maxRecipientsPerMessage) return;
  const message = `This account may send to at most ${maxRecipientsPerMessage} recipients in one message.`;
  throw new AppError('too_many_recipients', message);
}
