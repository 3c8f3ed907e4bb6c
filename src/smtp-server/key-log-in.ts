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

/** Logs in with the key of an account as the password, whatever the user name. */
export function createKeyLogIn({ authenticate, submit }: KeyLogInContext): LogIn {
  return async ({ password: key }, clientAddress) => {
    const found = await authenticate({ key }, clientAddress);
    if (found === undefined) return undefined;
    assertMaySend(found);
    return keySender(found.account.name, submit, async () => {
      // A key that was revoked since, or an account that was changed, counts from the next message on.
      const now = await authenticate({ key }, clientAddress);
      if (now === undefined) throw new AppError('unauthenticated', 'The key is not valid any more.');
      return now;
    });
  };
}

/** Asks the keys where a password has the form of one, and others in all other cases. */
export function keysOr(keys: LogIn, others: LogIn): LogIn {
  return (given, clientAddress) =>
    (idOfKeyText(given.password) === undefined ? others : keys)(given, clientAddress);
}

/** What an account may do: send as whom it may send as. */
function keySender(name: string, submit: Submit['submit'], principal: () => Promise<Principal>): SmtpSender {
  return {
    name,
    async checkSender(sender) {
      assertMaySendAs((await principal()).account, [sender]);
    },
    async checkRecipient(_recipient, taken) {
      assertRoom((await principal()).account, taken);
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

/** Said early: the others may go in a transaction of their own, while at the dot all would be refused. */
function assertRoom({ limits: { maxRecipientsPerMessage } }: Account, taken: number): void {
  if (maxRecipientsPerMessage === undefined || taken < maxRecipientsPerMessage) return;
  const sentence = `The account may name at most ${maxRecipientsPerMessage} recipients in one message.`;
  throw new AppError('too_many_recipients', sentence);
}
