-- What the SQLite engine has, for many nodes on one server. Times are epoch ms; ids are ms (42) | node (8) | sequence (13).

-- Incarnations of nodes. The key is the lease that all messages of one are held under.
create table nodes (
  lease bigint generated always as identity primary key,
  node smallint not null,
  host text not null,
  pid integer not null,
  knows integer not null,         -- the newest migration that its program knows
  joined_at timestamptz not null,
  valid_until timestamptz not null,
  has_left boolean not null default false
);

create table messages (
  id bigint primary key,
  account integer not null,
  dialect text not null,
  sender text not null,
  header_from text not null,
  subject text not null,
  words text[] not null,          -- of the subject, as searches compare them
  message_id_header text not null,
  tags text[] not null,
  metadata json not null,
  priority smallint not null,
  eight_bit boolean not null,
  smtputf8 boolean not null,
  size integer not null,
  created_at bigint not null,
  expires_at bigint not null
) partition by range (id);

create table bodies (
  message_id bigint primary key,
  mime bytea not null
) partition by range (message_id);

-- What is still to be done: a row per message with anything due, gone when nothing is. Small and busy.
create table queue (
  message_id bigint primary key,
  lane integer not null,
  priority smallint not null,
  due_at bigint not null,
  attempts integer not null,
  lease bigint,
  size integer not null           -- of the message, so that a claim need not look there
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
create index queue_due on queue (lane, priority, due_at, message_id) where lease is null;
create index queue_leased on queue (lease) where lease is not null;

create table recipients (
  message_id bigint not null,
  n integer not null,
  address text not null,
  state text not null,
  attempts integer not null,
  due_at bigint,
  code smallint,
  enhanced text,
  reason text,
  primary key (message_id, n)
) partition by range (message_id);

create table attempts (
  message_id bigint not null,
  number integer not null,
  provider integer not null,
  started_at bigint not null,
  duration_ms integer not null,
  phase text not null,
  code smallint,
  enhanced text,
  reply text,
  error text,
  remote text,
  converted boolean not null,
  repeated boolean not null,
  primary key (message_id, number)
) partition by range (message_id);

-- Which messages a provider was tried for: one that was for few is not to be looked for among all of them.
create index attempts_of_provider on attempts (provider, message_id);

-- History of days that no partition was made for.
create table messages_default partition of messages default;
create table bodies_default partition of bodies default;
create table recipients_default partition of recipients default;
create table attempts_default partition of attempts default;
alter table bodies alter column mime set storage external;

-- seq = transaction (40 bits) | place within it (20 bits): in this order events become visible for good.
create table events (
  seq bigint primary key,
  at bigint not null,
  type text not null,
  account integer,
  message_id bigint,
  n integer,
  provider integer,
  data text not null
);
create index events_of_message on events (message_id, seq) where message_id is not null;
create index events_of_account on events (account, seq) where account is not null;

create table idempotency (
  account integer not null,
  key text not null,
  fingerprint bytea not null,
  message_id bigint not null,
  created_at bigint not null,
  primary key (account, key)
);
create index idempotency_age on idempotency (created_at);

create table counters (
  counter text not null,
  bucket bigint not null,
  amount bigint not null,
  expires_at bigint not null,
  primary key (counter, bucket)
);
create index counters_age on counters (expires_at);

-- The wire journals whose knowledge is whole. Unlogged like them: what empties them after a crash empties this, too.
create unlogged table wire_journals (
  lease bigint primary key,
  server_start timestamptz not null
);

-- Dots that went out and replies that came, of the attempts under way: never waits for the disk.
create unlogged table wire (
  lease bigint not null,
  message_id bigint not null,
  attempt integer not null,
  provider integer not null,
  indexes integer[] not null,
  refused json not null,
  reply json,
  primary key (lease, message_id, attempt)
);

create table search (
  message_id bigint primary key,
  terms text[] not null
);
create index search_terms on search using gin (terms);

create table records (
  kind text not null,
  id integer not null,
  name text not null,
  value json not null,
  primary key (kind, id),
  unique (kind, name)
);

-- How far the readers of the event log have come.
create table cursors (
  reader text primary key,
  seq bigint not null
);

-- Small facts: the last id given per kind of record and its version, how far the search index has read, what is to be
-- added to the server's transaction numbers so that seq goes on rising after a move to another server.
create table marks (
  name text primary key,
  value bigint not null
);
insert into marks (name, value) values ('xid offset', 0), ('indexed seq', 0);

-- Recipients to whom something happened, per stretch of time; filled from events in slices, a few seconds behind.
create table traffic (
  step text not null,             -- minute, hour, day
  at bigint not null,             -- start of the stretch
  account integer not null,
  provider integer not null,      -- 0: none
  type text not null,
  slot smallint not null,         -- delivered: how long it took, on a logarithmic scale; else -1
  amount bigint not null,
  primary key (step, at, account, provider, type, slot)
) with (fillfactor = 80);

-- The same by the hour for each of their domains.
create table domain_traffic (
  at bigint not null,
  domain text not null,
  account integer not null,
  provider integer not null,
  type text not null,
  slot smallint not null,
  amount bigint not null,
  primary key (at, domain, account, provider, type, slot)
) with (fillfactor = 80);

-- Those that ended bounced or failed, by the hour and by why.
create table refusals (
  at bigint not null,             -- start of the hour
  account integer not null,
  provider integer not null,      -- 0: none
  domain text not null,
  code integer not null,          -- 0: there was no reply
  enhanced text not null,         -- '': there was none
  amount bigint not null,
  last_at bigint not null,
  last_reason text not null,
  primary key (at, account, provider, domain, code, enhanced)
);

-- Who changed what, and when. Kept for good.
create table audit (
  id bigint generated always as identity primary key,
  at bigint not null,
  author text not null,
  action text not null,
  kind text not null,
  subject integer,                -- id of the record; null: it is about no single one
  name text not null,
  changes json not null           -- field -> [before, after]
);
create index audit_of_kind on audit (kind, id);

-- Temp-mail addresses. Ids are never used twice: a JWT may outlive its address.
create table addresses (
  id integer generated always as identity primary key,
  address text not null unique,
  password_hash text,
  created_at bigint not null
);

-- What addresses may still send, in recipients.
create table balances (
  id integer generated always as identity primary key,
  address text not null unique,
  balance bigint not null,
  is_enabled boolean not null,
  created_at bigint not null
);

-- What addresses sent, as their API shows it. Kept as long as events.
create table sent_items (
  id bigint generated always as identity primary key,
  address text not null,
  raw text not null,
  created_at bigint not null
);
create index sent_items_of_address on sent_items (address, id);
create index sent_items_age on sent_items (created_at);
