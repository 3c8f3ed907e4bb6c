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
  /** Whether webhooks may go to a host although it is internal, and without TLS. */
  readonly allowsWebhookTo: (host: string) => boolean;
}

export type AccountHandlers = Pick<Handlers, 'accounts' | 'addAccount' | 'changeAccount'>;

/** Those who send. A change holds from the next request and the next event on. */
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
      if (added === undefined) throw nameIsTaken(name);
      return changed(added, secret);
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
      return changed(account, secret);
    },
  };
}

/** Makes an account of which only the name and the senders are known. */
export async function addAccountWithSenders(
  { registry, now }: Pick<AccountsContext, 'registry' | 'now'>,
  { name, allowedSenders }: Pick<Account, 'name' | 'allowedSenders'>,
  principal: Principal,
): Promise<Account> {
  const problems: Problem[] = [];
  checkAccountName('account', name, problems);
  const senders = readAllowedSenders(allowedSenders, problems);
  throwIfAny(problems);
  const createdAt = now();
  const account = await registry.add(
    'account',
    name,
    id => {
      return newAccount({ id, name, allowedSenders: senders, createdAt });
    },
    asAuthor(principal, now),
  );
  if (account === undefined) throw nameIsTaken(name);
  return account;
}

/** The row under whose name the secret of an account's webhook is sealed. */
export function webhookSecretRow(account: AccountId): string {
  return `webhook:${account}`;
}

type AccountDraft = Pick<Account, 'isEnabled' | 'allowedSenders' | 'limits' | 'sendsNotices'> & {
  readonly webhook: WebhookDraft | null;
};

/** What settings make of an account, or of none yet; throws one AppError `invalid` that names every problem. */
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
  throwIfAny(problems);
  return draft;
}

/** 24 bytes, as Standard Webhooks wants them: not less, and not more than 64. */
const SECRET_BYTES = 24;

/** The webhook with its secret: the old one's, or a new one, which is also given in clear this once. */
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

function changed(account: Account, webhookSecret: string | undefined): ChangedAccount {
  return { account: withoutSecret(account), ...(webhookSecret !== undefined && { webhookSecret }) };
}

function withoutSecret({ webhook, ...account }: Account): PublicAccount {
  return { ...account, webhook: webhook && { url: webhook.url, events: webhook.events } };
}

function nameIsTaken(name: string): AppError {
  return new AppError('conflict', `There is an account ${JSON.stringify(name)} already.`);
}

function throwIfAny(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  throw new AppError('invalid', `${first.field}: ${first.message}${more}`, { field: first.field, problems });
}
