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
      'Development mode: an inbox instead of the Internet, throw-away credentials, loopback trusted with more. Never in production.',
    default: false,
  }),
  data: text(
    'Folder of everything that one gate keeps: database, keys, tokens. Relative to the working directory.',
    { default: './data' },
  ),
  store: text(
    'Where mail is kept: `sqlite:PATH`, for one gate; or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, for any number of gates ' +
      'that share it. After `?`: `sslmode=verify-full` and `sslrootcert=PATH` for TLS, `pool=N` connections (8), `listen=off` ' +
      'behind a pooler in transaction mode.',
    {
      isSecret: true,
      defaultText: '`sqlite:postern.sqlite` in the data folder',
    },
  ),
  secretKey: optionalText(
    'Key that seals the passwords of providers and the secrets of webhooks: 32 bytes in base64 or hex. Keep a copy: without it they ' +
      'are lost. Several, newest first, with commas between them, while one replaces another. Gates that share a database need the ' +
      'same one.',
    { isSecret: true, defaultText: 'the file `secret.key` in the data folder, made on the first start' },
  ),
  smarthost: optionalText(
    'Provider that takes all mail before any other: `smtp://[user:password@]host[:port]` with STARTTLS, `smtps://…` with ' +
      'TLS from the start, `smtp://…?tls=none` in clear text. In development mode it stands in for the inbox, and `smtp://` to a host ' +
      'of `allowClearText` is in clear text.',
    { isSecret: true },
  ),
  allowClearText: list(
    'Hosts that providers with `encryption: none` may name: names, addresses, CIDR ranges, or `*`. Mail and passwords go there unprotected.',
    [],
    { developmentDefault: ['localhost', '127.0.0.0/8', '::1'] },
  ),
  http: section(
    {
      host: text('Address to listen on; `0.0.0.0` or `::` for all.', { default: '127.0.0.1' }),
      port: port('Port to listen on; 0 takes a free one.', 8000),
      hosts: list('Host names under which clients without a key may reach the gate, besides loopback.', []),
      apis: list(
        'APIs that are served, besides the management API at `/v1`, which always is: `powermta`, `turbosmtp`, `smtp-mailer`, `providers`, `temp-mail`, `inbox`; empty for all.',
        [],
      ),
      trustedNetworks: list('Addresses and CIDR ranges of clients that need no key where an API has none.', [
        '127.0.0.0/8',
        '::1',
      ]),
      trustedProxies: list(
        'Addresses and CIDR ranges of your reverse proxies, whose `X-Forwarded-For` or `Forwarded` is believed.',
        [],
      ),
      drainMs: duration(
        'How long a stop goes on taking mail after `/readyz` has begun to say no: what a load balancer needs to notice, ' +
          'and nothing where there is none.',
        0,
      ),
      maxConnections: count('Connections at once; further ones are dropped.', 10_000),
      maxHeldBytes: bytes('Memory for the bodies of requests under way, all together.', 256 * MIB, {
        minimum: 32 * MIB,
      }),
    },
    { description: 'The HTTP APIs.' },
  ),
  smtp: section(
    {
      isEnabled: yesNo('Whether to listen for SMTP at all.', true),
      host: text('Address to listen on.', { default: '127.0.0.1' }),
      port: port('Port to listen on, with STARTTLS where there is a certificate; 0 takes a free one.', 8025),
      listeners: list(
        'Further listeners: `smtp://HOST:PORT` with STARTTLS where there is a certificate, `smtps://HOST:PORT` with TLS from the start.',
        [],
      ),
      certificateFile: optionalText(
        'Certificate chain in PEM for STARTTLS and TLS; read again when the file changes.',
      ),
      certificateKeyFile: optionalText('Its private key in PEM.'),
      allowAuthInClear: yesNo(
        'Take passwords over connections without TLS although there is a certificate, or from other machines without one.',
        false,
        { developmentDefault: true },
      ),
      trustedProxies: list(
        'Addresses and CIDR ranges of your load balancers, which say for whom they speak by the PROXY protocol, version 1 (haproxy: ' +
          '`send-proxy`); without that line they are not heard.',
        [],
      ),
      maxConnections: count('Connections at once; further ones are answered with 421.', 1000),
      maxConnectionsPerAddress: count('Connections at once from one address.', 100),
    },
    { description: 'SMTP submission, with a key, the JWT of a temp-mail address or its password.' },
  ),
  powermta: section(
    {
      account: text('Account that mail without a key belongs to.', { default: 'default', minLength: 1 }),
    },
    { description: 'The PowerMTA API, `/messages`.' },
  ),
  turbosmtp: section(
    {
      v1ErrorStatus: count(
        'HTTP status of errors of version 1: 400, or 200 for clients that read no other.',
        400,
      ),
    },
    { description: 'The turboSMTP API, `/api/mail/send` and `/api/v2/mail/send`.' },
  ),
  smtpMailer: section(
    {
      isEnabled: yesNo('Whether callers may have mail sent through servers that they name.', false, {
        developmentDefault: true,
      }),
      ports: list('Ports that callers may name.', ['25', '465', '587', '2525']),
      hosts: list(
        'Hosts that callers may name although they are internal: names, addresses, CIDR ranges.',
        [],
      ),
      servers: list(
        'Servers by the domain of the mailbox, for callers who name none: `example.com=smtps://smtp.example.com:465` or `smtp://` for STARTTLS.',
        [],
      ),
      maxPerMinute: count(
        'Messages a minute from one client address, and ten times as many to one server.',
        60,
        {
          developmentDefault: 600,
        },
      ),
      maxConcurrent: count('Messages under way at once from one client address, and for one server.', 10),
    },
    { description: 'The SMTP Mailer API, `/api/smtp`, whose callers bring their own server.' },
  ),
  tempMail: section(
    {
      domains: list('Domains of the addresses; without any the API has none to give.', []),
      jwtSecret: optionalText('Secret that signs the JWTs of addresses; without it no JWT is good.', {
        isSecret: true,
      }),
      adminPasswords: list('Passwords of administrators (`x-admin-auth`).', [], { isSecret: true }),
      sitePassword: optionalText('Password that every request must carry (`x-custom-auth`).', {
        isSecret: true,
      }),
      userCreation: yesNo(
        'Whether anybody may create an address; in development whoever is at this machine.',
        false,
        { developmentDefault: true },
      ),
      addressPasswords: yesNo('Whether addresses get a password besides their JWT.', false),
      prefix: text('What the names of new addresses begin with.', { default: '' }),
      namePattern: text('Characters that are taken out of names: a regular expression.', {
        default: '[^a-z0-9]',
      }),
      minNameLength: count('Shortest name.', 1),
      maxNameLength: count('Longest name.', 30),
      defaultBalance: count('What a new address may send.', 0, { minimum: 0, developmentDefault: 10 }),
      account: text('Account that mail of addresses belongs to.', { default: 'default', minLength: 1 }),
      waitMs: duration('How long a request waits for the first attempt.', 10 * SECOND),
    },
    { description: 'The temp-mail API: mail from addresses whose JWT is the credential.' },
  ),
  pickup: section(
    {
      directory: optionalText(
        'Directory that is watched for `.eml` files with `x-sender` and `x-receiver` lines.',
        {
          defaultText: 'none is watched',
        },
      ),
      account: text('Account that their mail belongs to.', { default: 'default', minLength: 1 }),
    },
    { description: 'Mail dropped as files, as PowerMTA takes it.' },
  ),
  webhooks: section(
    {
      allowHosts: list(
        'Hosts that webhooks may go to although they are internal: names, addresses, CIDR ranges. `http:` is allowed to these only.',
        [],
        { developmentDefault: ['localhost', '127.0.0.0/8', '::1'] },
      ),
    },
    { description: 'Where accounts may have events posted.' },
  ),
  delivery: section(
    {
      graceMs: duration('How long a stop waits for the transactions under way.', 25 * SECOND),
      unknownPolicy: oneOf(
        'When the connection is lost after the message went out and nobody knows whether it was accepted: send it again ' +
          'later (maybe a second copy), hold it for an operator until it expires, or take it as delivered.',
        ['retry', 'hold', 'assumeDelivered'],
        'retry',
      ),
      unknownRetryMs: duration(
        'With `retry`: how long to wait before what may be a second copy.',
        10 * MINUTE,
        {
          developmentDefault: 2 * SECOND,
        },
      ),
      expiryMs: duration('How long a message is tried when its sender does not say.', 72 * HOUR, {
        minimum: MINUTE,
      }),
      maxExpiryMs: duration('The longest time that a sender may ask for.', 5 * DAY, { minimum: MINUTE }),
      windowMessages: count('Messages in memory at once; the rest waits in the store.', 2000),
      windowBytes: bytes('Bytes of messages in memory at once.', 64 * MIB, { minimum: MIB }),
    },
    { description: 'How accepted mail goes out.' },
  ),
  limits: section(
    {
      maxMessageBytes: bytes('Largest message, as composed.', 32 * MIB, { minimum: 1024 }),
      maxRecipients: count('Most recipients of one message.', 1000),
      maxQueued: count('Messages that may wait; above that new mail is refused with 503.', 5_000_000),
      minFreeBytes: bytes(
        'Free disk space below which new mail is refused with 503, so that results can still be written.',
        GIB,
      ),
    },
    { description: 'What is taken in.' },
  ),
  retention: section(
    {
      deliveredBodyMs: duration('The content of delivered messages.', 24 * HOUR),
      otherBodyMs: duration('The content of messages that ended otherwise.', 14 * DAY),
      eventMs: duration('Messages and events themselves.', 90 * DAY),
      newestMessages: Type.Optional(
        count('Keep only so many of the newest ended messages.', 1000, {
          default: undefined,
          developmentDefault: 1000,
          defaultText: 'all',
        }),
      ),
    },
    { description: 'How long things are kept after a message ended. What has not ended is never deleted.' },
  ),
  log: section(
    {
      level: oneOf(
        'Least severe lines that are written.',
        ['trace', 'debug', 'info', 'warn', 'error'],
        'info',
      ),
      file: optionalText('File that lines are appended to.', { defaultText: 'standard error' }),
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
