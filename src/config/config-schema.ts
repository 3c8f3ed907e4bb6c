import { type Static, type TNumberOptions, type TSchemaOptions, Type } from 'typebox';

// Every field of the configuration, with its meaning and its default. The reader, the names of the environment variables
// and docs/configuration.md are derived from this schema.

/** Properties of a field beyond JSON Schema. */
export interface Annotations {
  /** The default in development mode, if it differs. */
  readonly developmentDefault?: unknown;
  /** The value is never shown. `<name>File` can name a file that contains it. */
  readonly isSecret?: boolean;
  /** The value can be a string with a unit, such as `90 s`, `72 h` or `64 MiB`. */
  readonly unit?: 'duration' | 'bytes';
  /** The documentation shows this text instead of the default, for example if the default depends on other fields. */
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
const list = (description: string, defaultValue: string[], options: Options<TSchemaOptions> = {}) =>
  Type.Array(Type.String(), { description, default: defaultValue, ...options });
const count = (description: string, defaultValue: number, options: Options<TNumberOptions> = {}) =>
  Type.Integer({ description, default: defaultValue, minimum: 1, ...options });
const duration = (description: string, defaultValue: number, options: Options<TNumberOptions> = {}) =>
  count(description, defaultValue, { unit: 'duration', minimum: 0, ...options });
const bytes = (description: string, defaultValue: number, options: Options<TNumberOptions> = {}) =>
  count(description, defaultValue, { unit: 'bytes', minimum: 0, ...options });
const flag = (description: string, defaultValue: boolean, options: Options<TSchemaOptions> = {}) =>
  Type.Boolean({ description, default: defaultValue, ...options });
const port = (description: string, defaultValue: number) =>
  count(description, defaultValue, { minimum: 0, maximum: 65_535 });
const oneOf = <const T extends readonly string[]>(description: string, values: T, defaultValue: T[number]) =>
  Type.Unsafe<T[number]>(Type.String({ description, enum: values, default: defaultValue }));

export const ConfigSchema = section({
  development: Type.Boolean({
    description:
      'Development mode: an inbox instead of real delivery, generated credentials, more rights for clients on loopback. Never use it in ' +
      'production.',
    default: false,
  }),
  data: text('Folder for the files of one gate: database, keys, tokens. Relative to the working directory.', {
    default: './data',
  }),
  store: text(
    'Database for mail: `sqlite:PATH` for one gate, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE` for any number of gates ' +
      'that share it. Options after `?`: `sslmode=verify-full` and `sslrootcert=PATH` for TLS, `pool=N` for the number of ' +
      'connections (default 8), `listen=off` for a connection pooler in transaction mode.',
    {
      isSecret: true,
      defaultText: '`sqlite:postern.sqlite` in the data folder',
    },
  ),
  secretKey: optionalText(
    'Encryption key for the passwords of providers and the secrets of webhooks: 32 bytes in base64 or hex. Keep a copy: without the ' +
      'key these secrets are lost. To replace it, give several keys separated by commas, the newest first. Gates that share a ' +
      'database need the same key.',
    { isSecret: true, defaultText: 'the file `secret.key` in the data folder, created at the first start' },
  ),
  smarthost: optionalText(
    'Provider that is tried before all others, for all mail: `smtp://[user:password@]host[:port]` with STARTTLS, `smtps://…` with ' +
      'implicit TLS, `smtp://…?tls=none` without TLS. In development mode it replaces the inbox. `smtp://` uses no TLS if the host is ' +
      'in `allowClearText`.',
    { isSecret: true },
  ),
  allowClearText: list(
    'Hosts that providers with `encryption: none` may use: names, addresses, CIDR ranges, or `*`. Mail and passwords travel to them unencrypted.',
    [],
    { developmentDefault: ['localhost', '127.0.0.0/8', '::1'] },
  ),
  http: section(
    {
      host: text('Address to listen on. `0.0.0.0` or `::` listens on all addresses.', {
        default: '127.0.0.1',
      }),
      port: port('Port to listen on. 0 selects a free port.', 8000),
      hosts: list(
        'Host names that clients without a key may use to reach the gate, besides loopback names.',
        [],
      ),
      apis: list(
        'APIs to serve: `powermta`, `turbosmtp`, `smtp-mailer`, `providers`, `temp-mail`, `inbox`. Empty: all. The API at `/v1` is always served.',
        [],
      ),
      trustedNetworks: list(
        'Addresses and CIDR ranges of clients that need no key in the APIs without keys (`powermta`, `inbox`).',
        ['127.0.0.0/8', '::1'],
      ),
      trustedProxies: list(
        'Addresses and CIDR ranges of your reverse proxies. The gate trusts their `X-Forwarded-For` and `Forwarded` headers.',
        [],
      ),
      drainMs: duration(
        'When the gate stops, it still accepts mail for this time after `/readyz` has begun to fail. Set it to the time that your load ' +
          'balancer needs to notice. Without a load balancer use 0.',
        0,
      ),
      maxConnections: count('Most connections at the same time. The gate closes further ones.', 10_000),
      maxHeldBytes: bytes('Memory for the bodies of all requests in progress together.', 256 * MIB, {
        minimum: 32 * MIB,
      }),
    },
    { description: 'The HTTP APIs.' },
  ),
  smtp: section(
    {
      isEnabled: flag('Listen for SMTP.', true),
      host: text('Address to listen on.', { default: '127.0.0.1' }),
      port: port('Port to listen on, with STARTTLS if there is a certificate. 0 selects a free port.', 8025),
      listeners: list(
        'More listeners: `smtp://ADDRESS:PORT` with STARTTLS if there is a certificate, `smtps://ADDRESS:PORT` with implicit TLS.',
        [],
      ),
      certificateFile: optionalText(
        'File with the certificate chain in PEM, for STARTTLS and implicit TLS. The gate reads it again when it changes.',
      ),
      certificateKeyFile: optionalText('File with the private key of the certificate in PEM.'),
      allowAuthInClear: flag(
        'Accept passwords on connections without TLS, even if there is a certificate or the client is on another machine.',
        false,
        { developmentDefault: true },
      ),
      trustedProxies: list(
        'Addresses and CIDR ranges of your load balancers. They must send the client address with version 1 of the PROXY protocol ' +
          '(haproxy: `send-proxy`). The gate refuses their connections without it.',
        [],
      ),
      maxConnections: count('Most connections at the same time. Further ones get the reply 421.', 1000),
      maxConnectionsPerAddress: count('Most connections at the same time from one address.', 100),
    },
    {
      description:
        'SMTP submission. The password is a key, or the JWT or the password of a temp-mail address.',
    },
  ),
  powermta: section(
    {
      account: text('Account that owns mail sent without a key.', { default: 'default', minLength: 1 }),
    },
    { description: 'The PowerMTA API, `/messages`.' },
  ),
  turbosmtp: section(
    {
      v1ErrorStatus: count(
        'HTTP status of errors in version 1: 400, or 200 for clients that read the body only with status 200.',
        400,
      ),
    },
    { description: 'The turboSMTP API, `/api/mail/send` and `/api/v2/mail/send`.' },
  ),
  smtpMailer: section(
    {
      isEnabled: flag('Let callers send mail through SMTP servers that their request names.', false, {
        developmentDefault: true,
      }),
      ports: list('Ports of these servers that callers may use.', ['25', '465', '587', '2525']),
      hosts: list('Internal hosts that callers may use: names, addresses, CIDR ranges.', []),
      servers: list(
        'SMTP servers by the domain of the mailbox, for requests without a server: `example.com=smtps://smtp.example.com:465`, or `smtp://` for STARTTLS.',
        [],
      ),
      maxPerMinute: count(
        'Most messages in a minute from one client address. One server may get ten times as many.',
        60,
        {
          developmentDefault: 600,
        },
      ),
      maxConcurrent: count(
        'Most messages in progress at the same time from one client address, and to one server.',
        10,
      ),
    },
    {
      description:
        'The SMTP Mailer API, `/api/smtp`. Its callers name the SMTP server that sends their mail.',
    },
  ),
  tempMail: section(
    {
      domains: list('Domains of the addresses. If it is empty, nobody can create an address.', []),
      jwtSecret: optionalText('Secret that signs the JWTs of addresses. Without it no JWT is valid.', {
        isSecret: true,
      }),
      adminPasswords: list('Passwords of administrators (`x-admin-auth`).', [], { isSecret: true }),
      sitePassword: optionalText('Password that every request must carry (`x-custom-auth`).', {
        isSecret: true,
      }),
      userCreation: flag(
        'Let anybody create an address. In development mode only clients on loopback can.',
        false,
        { developmentDefault: true },
      ),
      addressPasswords: flag('Give each new address a password in addition to its JWT.', false),
      prefix: text('Prefix of the names of new addresses.', { default: '' }),
      namePattern: text('Regular expression of the characters that are removed from names.', {
        default: '[^a-z0-9]',
      }),
      minNameLength: count('Minimum length of a name.', 1),
      maxNameLength: count('Maximum length of a name.', 30),
      defaultBalance: count('Balance of a new address: the number of recipients that it may send to.', 0, {
        minimum: 0,
        developmentDefault: 10,
      }),
      account: text('Account that owns the mail of addresses.', { default: 'default', minLength: 1 }),
      waitMs: duration('Longest time that a request waits for the first delivery attempt.', 10 * SECOND),
    },
    { description: 'The temp-mail API. Its addresses send mail with a JWT as their credential.' },
  ),
  pickup: section(
    {
      directory: optionalText(
        'Absolute path of the directory where the gate picks up `.eml` files with `x-sender` and `x-receiver` lines.',
        {
          defaultText: 'none',
        },
      ),
      account: text('Account that owns this mail.', { default: 'default', minLength: 1 }),
    },
    { description: 'Submission of mail as files, in the format of PowerMTA.' },
  ),
  webhooks: section(
    {
      allowHosts: list(
        'Internal hosts that may receive webhooks: names, addresses, CIDR ranges. Webhooks with `http:` are possible only to these hosts.',
        [],
        { developmentDefault: ['localhost', '127.0.0.0/8', '::1'] },
      ),
    },
    { description: 'Events of accounts, posted to their URLs.' },
  ),
  delivery: section(
    {
      graceMs: duration('Longest time that a stop waits for SMTP transactions in progress.', 25 * SECOND),
      unknownPolicy: oneOf(
        'What to do if the connection fails after the message was sent and before the reply was read. `retry` sends it again later, ' +
          'and may deliver a second copy. `hold` waits for an operator until the message expires. `assumeDelivered` counts it as delivered.',
        ['retry', 'hold', 'assumeDelivered'],
        'retry',
      ),
      unknownRetryMs: duration('Waiting time of the policy `retry`.', 10 * MINUTE, {
        developmentDefault: 2 * SECOND,
      }),
      expiryMs: duration(
        'Time after which a message expires, unless its request has `expiresAt`.',
        72 * HOUR,
        {
          minimum: MINUTE,
        },
      ),
      maxExpiryMs: duration('The longest expiry time that a request may set.', 5 * DAY, { minimum: MINUTE }),
      windowMessages: count('Most messages in memory at the same time. The others wait in the store.', 2000),
      windowBytes: bytes('Most bytes of messages in memory at the same time.', 64 * MIB, { minimum: MIB }),
    },
    { description: 'Delivery of accepted mail.' },
  ),
  limits: section(
    {
      maxMessageBytes: bytes('Largest size of a composed message.', 32 * MIB, { minimum: 1024 }),
      maxRecipients: count('Most recipients of a message.', 1000),
      maxQueued: count(
        'Most messages in the queue. Above this number the gate refuses new mail with 503.',
        5_000_000,
      ),
      minFreeBytes: bytes(
        'Least free disk space. Below it the gate refuses new mail with 503, so that it can still store results (SQLite).',
        GIB,
      ),
    },
    { description: 'Limits for accepted mail.' },
  ),
  retention: section(
    {
      deliveredBodyMs: duration('How long to keep the content of delivered messages.', 24 * HOUR),
      otherBodyMs: duration('How long to keep the content of messages with another final state.', 14 * DAY),
      eventMs: duration('How long to keep events, and the other data of messages.', 90 * DAY),
      newestMessages: Type.Optional(
        count('Number of messages in a final state to keep: the newest ones.', 1000, {
          default: undefined,
          developmentDefault: 1000,
          defaultText: 'all',
        }),
      ),
    },
    {
      description:
        'How long data is kept after a message reached its final state. Other messages are never deleted.',
    },
  ),
  log: section(
    {
      level: oneOf(
        'Lowest level of the lines that are written.',
        ['trace', 'debug', 'info', 'warn', 'error'],
        'info',
      ),
      file: optionalText('File that the lines are appended to.', { defaultText: 'standard error' }),
    },
    { description: 'The log: one JSON object per line.' },
  ),
});

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** The checked configuration with all defaults. Paths are absolute, times are in ms, sizes are in bytes. */
export type Config = DeepReadonly<Static<typeof ConfigSchema>>;
