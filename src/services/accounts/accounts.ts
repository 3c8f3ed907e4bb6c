import type { Random } from '../../auth/random-text.ts';
import type { Sealing } from '../../auth/sealing.ts';
import { type Account, newAccount, type Principal } from '../../core/account.ts';
import { AppError, type Problem } from '../../core/errors.ts';
import type { AccountId } from '../../core/message.ts';
import type { AccountSettings, ChangedAccount, PublicAccount } from '../../operations/account-operations.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { Registry } from '../../store/registry.ts';
import { asAuthor } from '../author.ts';
import {
  checkAccountName,
  readAllowedSenders,
  readLimits,
  readWebhook,
  type WebhookDraft,
} from './account-fields.ts';

export interface AccountsContext {
  readonly registry: Registry;
  readonly sealing: Sealing;
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
  /** Returns true if webhooks may go to this internal host, and without TLS. */
  readonly allowsWebhookTo: (host: string) => boolean;
}

export type AccountHandlers = Pick<Handlers, 'accounts' | 'addAccount' | 'changeAccount'>;

/** Handlers that manage accounts. A change takes effect with the next request and the next event. */
export function createAccountHandlers(context: AccountsContext): AccountHandlers {
  const { registry } = context;
  return {
    async accounts() {
      return (await registry.list('account')).map(withoutSecret);
    },
    async addAccount(principal, { name, settings }) {
      const problems: Problem[] = [];
      checkAccountName('name', name, problems);
      const draft = draftAccount(context, settings, undefined, problems);
      let secret: string | undefined;
      const added = await registry.add(
        'account',
        name,
        id => {
          const start = newAccount({
            id,
            name,
            allowedSenders: draft.allowedSenders,
            createdAt: context.now(),
          });
          const webhook = completeWebhook(context, draft.webhook, start);
          secret = webhook.secret;
          return { ...start, ...draft, webhook: webhook.webhook };
        },
        asAuthor(principal, context.now),
      );
      if (added === undefined) throw nameTaken(name);
      return toChangedAccount(added, secret);
    },
    async changeAccount(principal, { id, settings }) {
      let secret: string | undefined;
      const account = await registry.change(
        'account',
        id,
        old => {
          const draft = draftAccount(context, settings, old, []);
          const webhook = completeWebhook(context, draft.webhook, old);
          secret = webhook.secret;
          return { ...old, ...draft, webhook: webhook.webhook };
        },
        asAuthor(principal, context.now),
      );
      if (account === undefined) throw new AppError('not_found', `There is no account ${id}.`);
      return toChangedAccount(account, secret);
    },
  };
}

/** Adds an account with a name and allowed senders. All other settings have their defaults. */
export async function addAccountWithSenders(
  { registry, now }: Pick<AccountsContext, 'registry' | 'now'>,
  { name, allowedSenders }: Pick<Account, 'name' | 'allowedSenders'>,
  principal: Principal,
): Promise<Account> {
  const problems: Problem[] = [];
  checkAccountName('account', name, problems);
  const senders = readAllowedSenders(allowedSenders, problems);
  throwProblems(problems);
  const createdAt = now();
  const account = await registry.add(
    'account',
    name,
    id => {
      return newAccount({ id, name, allowedSenders: senders, createdAt });
    },
    asAuthor(principal, now),
  );
  if (account === undefined) throw nameTaken(name);
  return account;
}

/** The row name for sealing the webhook secret of an account. */
export function webhookSecretRow(account: AccountId): string {
  return `webhook:${account}`;
}

type AccountDraft = Pick<Account, 'isEnabled' | 'allowedSenders' | 'limits' | 'sendsNotices'> & {
  readonly webhook: WebhookDraft | null;
};

/** Applies settings to an account, or to the defaults of a new one. Throws one AppError `invalid` with all problems. */
function draftAccount(
  { allowsWebhookTo }: AccountsContext,
  settings: AccountSettings,
  old: Account | undefined,
  problems: Problem[],
): AccountDraft {
  const draft = {
    isEnabled: settings.isEnabled ?? old?.isEnabled ?? true,
    allowedSenders:
      settings.allowedSenders === undefined
        ? (old?.allowedSenders ?? [])
        : readAllowedSenders(settings.allowedSenders, problems),
    limits: readLimits(settings.limits, old?.limits ?? {}, problems),
    sendsNotices: settings.sendsNotices ?? old?.sendsNotices ?? true,
    webhook: readWebhook(settings.webhook, old?.webhook ?? null, allowsWebhookTo, problems),
  };
  throwProblems(problems);
  return draft;
}

/** Standard Webhooks requires 24 to 64 bytes. */
const SECRET_BYTES = 24;

/** Adds the secret to a webhook: the old one, or a new one. A new secret is also returned in clear, only this time. */
function completeWebhook(
  { sealing, random }: AccountsContext,
  draft: WebhookDraft | null,
  { id, webhook: old }: { readonly id: AccountId; readonly webhook: Account['webhook'] },
): { webhook: Account['webhook']; secret?: string } {
  if (draft === null) return { webhook: null };
  const { url, events, needsSecret } = draft;
  if (!needsSecret && old !== null) return { webhook: { url, events, sealedSecret: old.sealedSecret } };
  const secret = `whsec_${Buffer.from(random(SECRET_BYTES)).toString('base64')}`;
  return { webhook: { url, events, sealedSecret: sealing.seal(secret, webhookSecretRow(id)) }, secret };
}

function toChangedAccount(account: Account, webhookSecret: string | undefined): ChangedAccount {
  return { account: withoutSecret(account), ...(webhookSecret !== undefined && { webhookSecret }) };
}

function withoutSecret({ webhook, ...account }: Account): PublicAccount {
  return { ...account, webhook: webhook && { url: webhook.url, events: webhook.events } };
}

function nameTaken(name: string): AppError {
  return new AppError('conflict', `An account with the name ${JSON.stringify(name)} already exists.`);
}

function throwProblems(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  throw new AppError('invalid', `${first.field}: ${first.message}${more}`, { field: first.field, problems });
}
