import { createHash, timingSafeEqual } from 'node:crypto';
import type { LoginLimiter } from '../../auth/login-limiter.ts';
import { createPasswords } from '../../auth/passwords.ts';
import type { Random } from '../../auth/random-text.ts';
import type { Principal } from '../../core/account.ts';
import type { Provider } from '../../core/provider.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import type { Client } from '../../operations/operation.ts';
import type { LogIn, SmtpSender } from '../../operations/smtp-sender.ts';
import type { TempMailInfo } from '../../operations/temp-mail-operations.ts';
import type { Store } from '../../store/store.ts';
import type { Submit } from '../../submit/submit.ts';
import { createAddressHandlers } from './address-handlers.ts';
import { createAddressNames, type NameRules } from './address-names.ts';
import { createSmtpSender } from './address-smtp-sender.ts';
import { createTokens } from './address-tokens.ts';
import { createBalanceHandlers, createBalances } from './balances.ts';
import type { TempMailHandlers } from './handlers.ts';
import { createLogins } from './login.ts';
import { createSendingHandlers } from './send-message.ts';
import { createPolicyStore } from './sending-policy.ts';
import { createTempMailAudit, tempMailAuthor } from './temp-mail-audit.ts';

/** The section `tempMail` of the configuration. */
export interface TempMailConfig extends NameRules {
  readonly jwtSecret?: string | undefined;
  readonly adminPasswords: readonly string[];
  readonly sitePassword?: string | undefined;
  readonly userCreation: boolean;
  readonly addressPasswords: boolean;
  readonly defaultBalance: number;
  /** The longest time that a request waits for the first attempt. */
  readonly waitMs: number;
}

export interface TempMailOptions {
  readonly config: TempMailConfig;
  /** If true, only clients that need no key can create addresses: clients on this machine, but not pages of other sites. */
  readonly isDevelopment: boolean;
  readonly store: Store;
  readonly submit: Pick<Submit, 'submit'>;
  /** The account that owns the mail; undefined if it is disabled or does not exist. */
  readonly principal: () => Promise<Principal | undefined>;
  readonly providers: () => readonly Provider[];
  readonly loginLimiter: LoginLimiter;
  /** The SMTP listener for addresses; absent: SMTP is disabled. */
  readonly smtp?: TempMailInfo['smtp'];
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Temp-mail addresses: their handlers, credentials and SMTP login. */
export interface TempMail {
  readonly handlers: TempMailHandlers;
  /** The address of a JWT; undefined if it is invalid. An invalid JWT counts as a failure of the client. */
  addressOf(token: string, clientAddress: string): Promise<MailAddress | undefined>;
  /** Returns true for an administrator's password. A wrong one counts as a failure of the client. */
  isAdmin(password: string, clientAddress: string): boolean;
  /** Checks the site password; absent: none is configured. */
  readonly isSitePassword?: (given: string) => boolean;
  /** SMTP login: the password is a JWT (any user name), or the password of the address that is the user name. */
  readonly logIn: LogIn;
  /** The SMTP sender of an address. */
  senderFor(address: MailAddress): SmtpSender;
  close(): void;
}

export function createTempMail(options: TempMailOptions): TempMail {
  const { config, isDevelopment, store, loginLimiter, random, now } = options;
  const { addresses } = store;
  const audit = createTempMailAudit(store.audit, now);
  const balancesContext = { addresses, defaultBalance: config.defaultBalance, audit, now };
  const balances = createBalances(balancesContext);
  const names = createAddressNames(config, random);
  const tokens = createTokens({ secret: config.jwtSecret, addresses, now });
  const policy = createPolicyStore(store.registry);
  const sending = { ...options, names, policy, balances, waitMs: config.waitMs };
  const mayCreate = (client: Client): boolean => config.userCreation && (!isDevelopment || client.isKeyless);
  const handlersContext = {
    ...config,
    mayCreate,
    addresses,
    audit,
    names,
    tokens,
    passwords: createPasswords(random),
    random,
    now,
  };
  const logins = createLogins({ ...handlersContext, loginLimiter, senderFor });
  const { sitePassword } = config;

  function senderFor(address: MailAddress): SmtpSender {
    return createSmtpSender(sending, address);
  }

  return {
    handlers: {
      tempMailInfo: async client => infoOf(options, names.domains, mayCreate(client)),
      ...createAddressHandlers(handlersContext),
      ...createBalanceHandlers(balancesContext, balances),
      ...createSendingHandlers(sending),
      tempMailLogIn: logins.http,
      tempMailPolicy: () => policy.current(),
      async tempMailChangePolicy(caller, { blockList, maxPerDay, maxPerMonth }) {
        const { sendLimits } = await policy.current();
        const change = {
          ...(blockList !== undefined && { sendBlockList: blockList }),
          sendLimits: {
            ...sendLimits,
            ...(maxPerDay !== undefined && { dailyEnabled: maxPerDay !== null, dailyLimit: maxPerDay ?? -1 }),
            ...(maxPerMonth !== undefined && {
              monthlyEnabled: maxPerMonth !== null,
              monthlyLimit: maxPerMonth ?? -1,
            }),
          },
        };
        await policy.change(change, { by: tempMailAuthor(caller), at: now() });
        return policy.current();
      },
      async tempMailSetPolicy(caller, change) {
        await policy.change(change, { by: tempMailAuthor(caller), at: now() });
        return undefined;
      },
    },
    async addressOf(token, clientAddress) {
      const found = await tokens.addressOf(token);
      // A valid JWT always passes: signatures cannot be guessed, and a client must not block others behind its address.
      if (found === undefined) loginLimiter.recordFailure(clientAddress);
      return found;
    },
    isAdmin(password, clientAddress) {
      loginLimiter.assertAllowed(clientAddress);
      const isAdmin = isOneOf(config.adminPasswords, password);
      if (!isAdmin) loginLimiter.recordFailure(clientAddress);
      return isAdmin;
    },
    ...(sitePassword !== undefined &&
      sitePassword !== '' && { isSitePassword: (given: string) => isOneOf([sitePassword], given) }),
    logIn: logins.smtp,
    senderFor,
    close: policy.close,
  };
}

function infoOf(
  { config, smtp }: TempMailOptions,
  domains: readonly string[],
  userCreation: boolean,
): TempMailInfo {
  const { prefix, sitePassword, addressPasswords } = config;
  const hasSitePassword = sitePassword !== undefined && sitePassword !== '';
  return { domains, prefix, hasSitePassword, userCreation, addressPasswords, ...(smtp && { smtp }) };
}

/** Compares the hashes of all passwords: the time must not show where a password differs. */
function isOneOf(passwords: readonly string[], given: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = hash(given);
  return passwords
    .filter(password => password !== '')
    .map(password => timingSafeEqual(hash(password), expected))
    .includes(true);
}
