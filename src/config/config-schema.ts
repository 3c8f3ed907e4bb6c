import { type Static, type TNumberOptions, type TSchemaOptions, Type } from 'typebox';

// Every field of the configuration, with what it means and what it is when nobody says anything. The reader, the names
// of the environment variables and docs/configuration.md all come from here.

/** What a field may say besides JSON Schema's own words. */
export interface Annotations {
  /** The default where `development` is on, when it differs. */
  readonly developmentDefault?: unknown;
  /** Never shown; may be given as `<name>File`, the path of a file that holds it. */
  readonly isSecret?: boolean;
  /** Also taken as a text with a unit: `90 s`, `72 h`; `64 MiB`. */
  readonly unit?: 'duration' | 'bytes';
  /** Said in the documentation instead of a default that depends on other fields. */
  readonly defaultText?: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

type Options<O> = O & Annotations;

const section = Type.Object;
const text = (description: string, options: Options<TSchemaOptions> = {}) =>
  Type.String({ description, ...options });
const optionalText = (description: string, options: Options<TSchemaOptions> = {}) =>
  Type.Optional(text(description, options));
const list = (description: string, byDefault: string[], options: Options<TSchemaOptions> = {}) =>
  Type.Array(Type.String(), { description, default: byDefault, ...options });
const count = (description: string, byDefault: number, options: Options<TNumberOptions> = {}) =>
  Type.Integer({ description, default: byDefault, minimum: 1, ...options });
const duration = (description: string, byDefault: number, options: Options<TNumberOptions> = {}) =>
  count(description, byDefault, { unit: 'duration', minimum: 0, ...options });
const bytes = (description: string, byDefault: number, options: Options<TNumberOptions> = {}) =>
  count(description, byDefault, { unit: 'bytes', minimum: 0, ...options });
const yesNo = (description: string, byDefault: boolean, options: Options<TSchemaOptions> = {}) =>
  Type.Boolean({ description, default: byDefault, ...options });
const port = (description: string, byDefault: number) =>
  count(description, byDefault, { minimum: 0, maximum: 65_535 });
const oneOf = <const T extends readonly string[]>(description: string, words: T, byDefault: T[number]) =>
  Type.Unsafe<T[number]>(Type.String({ description, enum: words, default: byDefault }));

export const ConfigSchema = section({
  development: Type.Boolean({
    description:
      'Development mode: an inbox instead of real delivery, generated credentials, more trust in loopback. Never use it in production.',
    default: false,
  }),
  data: text('Data folder of one gate: database, keys, tokens. Relative to the working directory.', {
    default: './data',
  }),
  store: text(
    'Database: `sqlite:PATH` for one gate, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE` for any number of gates ' +
      'that share it. Parameters after `?`: `sslmode=verify-full` and `sslrootcert=PATH` for TLS, `pool=N` connections (8), ' +
      '`listen=off` behind a pooler in transaction mode.',
    {
      isSecret: true,
      defaultText: '`sqlite:postern.sqlite` in the data folder',
    },
  ),
  secretKey: optionalText(
    'Sealing key: it encrypts the passwords of providers and the secrets of webhooks. 32 bytes in base64 or hex. Keep a copy: ' +
      'without it they are lost. While one key replaces another, give both with a comma, the newest first. Gates that share a ' +
      'database need the same key.',
    { isSecret: true, defaultText: 'the file `secret.key` in the data folder, created at the first start' },
  ),
  smarthost: optionalText(
    'Provider that is tried before all others: `smtp://[user:password@]host[:port]` with STARTTLS, `smtps://…` with ' +
      'TLS from the start, `smtp://…?tls=none` in clear text. In development mode it replaces the inbox, and `smtp://` to a host ' +
      'of `allowClearText` is in clear text.',
    { isSecret: true },
  ),
  allowClearText: list(
    'Hosts that providers with `encryption: none` may use: names, addresses, CIDR ranges, or `*`. Mail and passwords go there unencrypted.',
    [],
    { developmentDefault: ['localhost', '127.0.0.0/8', '::1'] },
  ),
  http: section(
    {
      host: text('Address to listen on; `0.0.0.0` or `::` for all.', { default: '127.0.0.1' }),
      port: port('Port to listen on; 0 takes a free one.', 8000),
      hosts: list('Host names that clients without a key may use for the gate, besides loopback.', []),
      apis: list(
        'APIs that are served besides `/v1`, which is always served: `powermta`, `turbosmtp`, `smtp-mailer`, `providers`, `temp-mail`, `inbox`. Empty: all.',
        [],
      ),
      trustedNetworks: list(
        'Addresses and CIDR ranges of clients that need no key, for the APIs without keys (`powermta`, `inbox`).',
        ['127.0.0.0/8', '::1'],
      ),
      trustedProxies: list(
        'Addresses and CIDR ranges of your reverse proxies, whose `X-Forwarded-For` or `Forwarded` is believed.',
        [],
      ),
      drainMs: duration(
        'How long a gate that stops still accepts mail while `/readyz` answers 503: the time that a load balancer needs to ' +
          'notice. 0 without a load balancer.',
        0,
      ),
      maxConnections: count('Connections at a time. Further ones are dropped.', 10_000),
      maxHeldBytes: bytes('Memory for the bodies of all requests under way.', 256 * MIB, {
        minimum: 32 * MIB,
      }),
    },
    { description: 'The HTTP APIs.' },
  ),
  smtp: section(
    {
      isEnabled: yesNo('Whether the gate listens for SMTP.', true),
      host: text('Address to listen on.', { default: '127.0.0.1' }),
      port: port('Port to listen on, with STARTTLS if there is a certificate; 0 takes a free one.', 8025),
      listeners: list(
        'Further listeners: `smtp://HOST:PORT` with STARTTLS if there is a certificate, `smtps://HOST:PORT` with TLS from the start.',
        [],
      ),
      certificateFile: optionalText(
        'File with the certificate chain in PEM, for STARTTLS and TLS. It is read again when it changes.',
      ),
      certificateKeyFile: optionalText('File with its private key in PEM.'),
      allowAuthInClear: yesNo(
        'Accept passwords without TLS although there is a certificate, and from other machines if there is none.',
        false,
        { developmentDefault: true },
      ),
      trustedProxies: list(
        'Addresses and CIDR ranges of your load balancers. They must name the client by the PROXY protocol, version 1 (haproxy: ' +
          '`send-proxy`); without it their connections are closed.',
        [],
      ),
      maxConnections: count('Connections at a time. Further ones get 421.', 1000),
      maxConnectionsPerAddress: count('Connections at a time from one address.', 100),
    },
    {
      description: 'SMTP submission. The credential is a key, or the JWT or password of a temp-mail address.',
    },
  ),
  powermta: section(
    {
      account: text('Account of mail that comes without a key.', { default: 'default', minLength: 1 }),
    },
    { description: 'The PowerMTA API, `/messages`.' },
  ),
  turbosmtp: section(
    {
      v1ErrorStatus: count(
        'HTTP status of errors of version 1: 400, or 200 for clients that read the body only then.',
        400,
      ),
    },
    { description: 'The turboSMTP API, `/api/mail/send` and `/api/v2/mail/send`.' },
  ),
  smtpMailer: section(
    {
      isEnabled: yesNo('Whether callers may send through servers that they name.', false, {
        developmentDefault: true,
      }),
      ports: list('Ports that callers may name.', ['25', '465', '587', '2525']),
      hosts: list('Internal hosts that callers may name: names, addresses, CIDR ranges.', []),
      servers: list(
        'Servers by the domain of the mailbox, for callers that name no server: `example.com=smtps://smtp.example.com:465`, or `smtp://` for STARTTLS.',
        [],
      ),
      maxPerMinute: count(
        'Messages per minute from one client address. To one server ten times as many.',
        60,
        {
          developmentDefault: 600,
        },
      ),
      maxConcurrent: count('Attempts at a time from one client address, and to one server.', 10),
    },
    { description: 'The SMTP Mailer API, `/api/smtp`. Its callers bring their own server.' },
  ),
  tempMail: section(
    {
      domains: list('Domains of the addresses. Without a domain there are no addresses.', []),
      jwtSecret: optionalText('Secret that signs the JWTs of addresses. Without it no JWT is accepted.', {
        isSecret: true,
      }),
      adminPasswords: list('Passwords of administrators (header `x-admin-auth`).', [], { isSecret: true }),
      sitePassword: optionalText('Password that every request must have (header `x-custom-auth`).', {
        isSecret: true,
      }),
      userCreation: yesNo(
        'Whether anybody may create an address. In development mode: programs on the same machine.',
        false,
        { developmentDefault: true },
      ),
      addressPasswords: yesNo('Whether addresses have a password besides their JWT.', false),
      prefix: text('Prefix of the names of new addresses.', { default: '' }),
      namePattern: text('Regular expression of the characters that are removed from names.', {
        default: '[^a-z0-9]',
      }),
      minNameLength: count('Shortest name.', 1),
      maxNameLength: count('Longest name.', 30),
      defaultBalance: count('Messages that a new address may send.', 0, {
        minimum: 0,
        developmentDefault: 10,
      }),
      account: text('Account of the mail of addresses.', { default: 'default', minLength: 1 }),
      waitMs: duration('How long a request waits for the first attempt.', 10 * SECOND),
    },
    { description: 'The temp-mail API: addresses that send with a JWT as their credential.' },
  ),
  pickup: section(
    {
      directory: optionalText(
        'Absolute path of a directory that is watched for `.eml` files with `x-sender` and `x-receiver` lines.',
        {
          defaultText: 'none is watched',
        },
      ),
      account: text('Account of their mail.', { default: 'default', minLength: 1 }),
    },
    { description: 'The pickup directory: mail as files, in the format of PowerMTA.' },
  ),
  webhooks: section(
    {
      allowHosts: list(
        'Internal hosts that webhooks may use: names, addresses, CIDR ranges. `http:` is allowed to these hosts only.',
        [],
        { developmentDefault: ['localhost', '127.0.0.0/8', '::1'] },
      ),
    },
    { description: 'Webhooks of accounts.' },
  ),
  delivery: section(
    {
      graceMs: duration('How long a gate that stops waits for the attempts under way.', 25 * SECOND),
      unknownPolicy: oneOf(
        'What happens when the connection is lost after the end of the message, so that nobody knows whether it was accepted: ' +
          'send it again later (maybe a second copy), hold it for an operator until it expires, or count it as delivered.',
        ['retry', 'hold', 'assumeDelivered'],
        'retry',
      ),
      unknownRetryMs: duration('With `retry`: how long to wait before the second copy.', 10 * MINUTE, {
        developmentDefault: 2 * SECOND,
      }),
      expiryMs: duration('How long a message is tried, unless its request has `expiresAt`.', 72 * HOUR, {
        minimum: MINUTE,
      }),
      maxExpiryMs: duration('The longest time that a request may ask for.', 5 * DAY, { minimum: MINUTE }),
      windowMessages: count('Messages in memory at a time. The others wait in the database.', 2000),
      windowBytes: bytes('Bytes of messages in memory at a time.', 64 * MIB, { minimum: MIB }),
    },
    { description: 'How accepted mail is sent.' },
  ),
  limits: section(
    {
      maxMessageBytes: bytes('Largest composed message.', 32 * MIB, { minimum: 1024 }),
      maxRecipients: count('Most recipients of one message.', 1000),
      maxQueued: count('Messages that may wait. Above that, new mail is refused with 503.', 5_000_000),
      minFreeBytes: bytes(
        'Free disk space below which new mail is refused with 503, so that results can still be recorded (SQLite).',
        GIB,
      ),
    },
    { description: 'Limits for what is accepted.' },
  ),
  retention: section(
    {
      deliveredBodyMs: duration('Content of delivered messages.', 24 * HOUR),
      otherBodyMs: duration('Content of messages that ended otherwise.', 14 * DAY),
      eventMs: duration('Messages and their events.', 90 * DAY),
      newestMessages: Type.Optional(
        count('Number of ended messages to keep, the newest first.', 1000, {
          default: undefined,
          developmentDefault: 1000,
          defaultText: 'all',
        }),
      ),
    },
    {
      description:
        'How long things are kept after a message has ended. A message that has not ended is never deleted.',
    },
  ),
  log: section(
    {
      level: oneOf(
        'Least severe level that is written.',
        ['trace', 'debug', 'info', 'warn', 'error'],
        'info',
      ),
      file: optionalText('File to append to.', { defaultText: 'standard error' }),
    },
    { description: 'The log: one JSON object per line.' },
  ),
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** The whole configuration, checked, with every default filled in; paths are absolute, times in ms, sizes in bytes. */
export type Config = DeepReadonly<Static<typeof ConfigSchema>>;
