import { createHash, timingSafeEqual } from 'node:crypto';
import type { LoginLimiter } from '../../auth/login-limiter.ts';
import { createPasswords } from '../../auth/passwords.ts';
import type { Random } from '../../auth/random-text.ts';
import type { Principal } from '../../core/account.ts';
import type { Provider } from '../../core/provider.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import type { Client } from '../../operations/operation.ts';
import type { LogIn, SmtpSender } from '../../operations/smtp-sender.ts';
import type { TempMailOffer } from '../../operations/temp-mail-operations.ts';
import type { Store } from '../../store/store.ts';
import type { Submit } from '../../submit/submit.ts';
import { createAddressHandlers } from './address-book.ts';
import { createAddressNames, type NameRules } from './address-names.ts';
import { createSmtpSender } from './address-smtp-sender.ts';
import { createTokens } from './address-tokens.ts';
import { createBalanceHandlers, createBalances } from './balances.ts';
import type { TempMailHandlers } from './handlers.ts';
import { createLogIns } from './log-in.ts';
import { createSendingHandlers } from './send-message.ts';
import { createPolicyBook } from './sending-policy.ts';
import { authorIn, createTrail } from './temp-mail-audit.ts';

/** What the operator says of temp-mail: the section of the configuration by that name. */
export interface TempMailConfig extends NameRules {
  readonly jwtSecret?: string | undefined;
  readonly adminPasswords: readonly string[];
  readonly sitePassword?: string | undefined;
  readonly userCreation: boolean;
  readonly addressPasswords: boolean;
  readonly defaultBalance: number;
  /** How long a request waits for the first attempt. */
  readonly waitMs: number;
}

export interface TempMailOptions {
  readonly config: TempMailConfig;
  /** Addresses are then for whoever is at this machine, whom the keyless rules let in: not for pages of other sites. */
  readonly isDevelopment: boolean;
  readonly store: Store;
  readonly submit: Pick<Submit, 'submit'>;
  /** The account that the mail belongs to; undefined when it is disabled or there is none. */
  readonly principal: () => Promise<Principal | undefined>;
  readonly providers: () => readonly Provider[];
  readonly attempts: LoginLimiter;
  /** Where holders may send by SMTP; absent: nowhere. */
  readonly smtp?: TempMailOffer['smtp'];
  readonly random: Random;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Mail addresses for anybody, and sending as them. */
export interface TempMail {
  readonly handlers: TempMailHandlers;
  /** Whose JWT it is; undefined when nobody's, which counts against the client. */
  addressOf(token: string, clientAddress: string): Promise<MailAddress | undefined>;
  /** Whether it is an administrator's password; a wrong one counts against the client. */
  isAdmin(password: string, clientAddress: string): boolean;
  /** What the site password must be; absent: there is none. */
  readonly isSitePassword?: (given: string) => boolean;
  /** SMTP: the password is a JWT, whatever the user name, or the password of the address that is the user name. */
  readonly logIn: LogIn;
  /** What an address may do over SMTP. */
  senderFor(address: MailAddress): SmtpSender;
  close(): void;
}

export function createTempMail(options: TempMailOptions): TempMail {
  const { config, isDevelopment, store, attempts, random, now } = options;
  const { addresses } = store;
  const note = createTrail(store.audit, now);
  const balancesContext = { addresses, defaultBalance: config.defaultBalance, note, now };
  const balances = createBalances(balancesContext);
  const names = createAddressNames(config, random);
  const tokens = createTokens({ secret: config.jwtSecret, addresses, now });
  const policy = createPolicyBook(store.registry);
  const sending = { ...options, names, policy, balances, waitMs: config.waitMs };
  const isOpenTo = (who: Client): boolean => config.userCreation && (!isDevelopment || who.isKeyless);
  const book = {
    ...config,
    isOpenTo,
    addresses,
    note,
    names,
    tokens,
    passwords: createPasswords(random),
    random,
    now,
  };
  const logIns = createLogIns({ ...book, attempts, senderFor });
  const { sitePassword } = config;

  function senderFor(address: MailAddress): SmtpSender {
    return createSmtpSender(sending, address);
  }

  return {
    handlers: {
      tempMailOffer: async who => offerOf(options, names.domains, isOpenTo(who)),
      ...createAddressHandlers(book),
      ...createBalanceHandlers(balancesContext, balances),
      ...createSendingHandlers(sending),
      tempMailLogIn: logIns.http,
      tempMailPolicy: () => policy.current(),
      async tempMailChangePolicy(who, { blockList, maxPerDay, maxPerMonth }) {
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
        await policy.change(change, { by: authorIn(who), at: now() });
        return policy.current();
      },
      async tempMailSetPolicy(who, change) {
        await policy.change(change, { by: authorIn(who), at: now() });
        return undefined;
      },
    },
    async addressOf(token, clientAddress) {
      const found = await tokens.addressOf(token);
      // A good one always passes: nobody guesses a signature, and one client must not shut out the others behind its address.
      if (found === undefined) attempts.recordFailure(clientAddress);
      return found;
    },
    isAdmin(password, clientAddress) {
      attempts.assertAllowed(clientAddress);
      const isAdmin = isOneOf(config.adminPasswords, password);
      if (!isAdmin) attempts.recordFailure(clientAddress);
      return isAdmin;
    },
    ...(sitePassword !== undefined &&
      sitePassword !== '' && { isSitePassword: (given: string) => isOneOf([sitePassword], given) }),
    logIn: logIns.smtp,
    senderFor,
    close: policy.close,
  };
}

function offerOf(
  { config, smtp }: TempMailOptions,
  domains: readonly string[],
  userCreation: boolean,
): TempMailOffer {
  const { prefix, sitePassword, addressPasswords } = config;
  const hasSitePassword = sitePassword !== undefined && sitePassword !== '';
  return { domains, prefix, hasSitePassword, userCreation, addressPasswords, ...(smtp && { smtp }) };
}

/** Compares hashes, all of them, so that the time says nothing of where a password differs. */
function isOneOf(passwords: readonly string[], given: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const wanted = hash(given);
  return passwords
    .filter(password => password !== '')
    .map(password => timingSafeEqual(hash(password), wanted))
    .includes(true);
}
