-- The living: one row per incarnation of a node. Its key is the lease that all its messages are held under.
create table nodes (
  lease integer primary key autoincrement,
  node integer not null,          -- 0–255, part of the ids it makes
  boot_id text not null,          -- the kernel's boot: a wire journal counts only within it
  host text not null,
  pid integer not null,
  joined_at integer not null,
  valid_until integer not null
) strict;

-- What was accepted. Written once; only a retry moves expires_at.
create table messages (
  id integer primary key,         -- ms (42) | node (8) | sequence (13)
  account integer not null,
  dialect text not null,
  sender text not null,
  header_from text not null,
  subject text not null,
  message_id_header text not null,
  tags text not null,             -- JSON array
  metadata text not null,         -- JSON object
  priority integer not null,      -- 0 high, 1 normal, 2 bulk
  eight_bit integer not null,
  smtputf8 integer not null,
  size integer not null,
  created_at integer not null,
  expires_at integer not null
) strict;

-- The bytes. Deleted by retention after the message has ended.
create table bodies (
  message_id integer primary key,
  mime blob not null
) strict;

-- What is still to be done: a row per message with anything due, gone when nothing is.
create table queue (
  message_id integer primary key,
  lane integer not null,          -- provider it waits for, 0 = to be routed
  priority integer not null,
  due_at integer not null,        -- the earliest of its recipients
  attempts integer not null,      -- the number of the last attempt begun
  lease integer                   -- the incarnation that holds it
) strict;
create index queue_due on queue (lane, priority, due_at) where lease is null;
create index queue_leased on queue (lease) where lease is not null;

create table recipients (
  message_id integer not null,
  n integer not null,
  address text not null,
  state text not null,
  attempts integer not null,
  due_at integer,                 -- null: the state is terminal
  code integer,                   -- of the last reply
  enhanced text,
  reason text,                    -- the last reply's text, or what went wrong
  primary key (message_id, n)
) strict, without rowid;

create table attempts (
  message_id integer not null,
  number integer not null,
  provider integer not null,
  started_at integer not null,
  duration_ms integer not null,
  phase text not null,
  code integer,
  enhanced text,
  reply text,
  error text,
  remote text,
  converted integer not null,
  repeated integer not null,
  primary key (message_id, number)
) strict, without rowid;

-- The event log. Its newest row is never deleted, so seq never starts again.
create table events (
  seq integer primary key,
  at integer not null,
  type text not null,
  account integer,
  message_id integer,
  n integer,                      -- the recipient
  provider integer,
  data text not null              -- JSON
) strict;
create index events_of_message on events (message_id) where message_id is not null;
create index events_of_account on events (account) where account is not null;

create table idempotency (
  account integer not null,
  key text not null,
  fingerprint blob not null,      -- SHA-256 of the parsed submission
  message_id integer not null,
  created_at integer not null,
  primary key (account, key)
) strict, without rowid;
create index idempotency_age on idempotency (created_at);

-- The search index, a few seconds behind: fed from events in slices. rowid is the message, and its text the terms that
-- it is known by, a line each: every printable character belongs to a term. It only finds candidates.
create virtual table search using fts5 (
  terms, content = '', contentless_delete = 1, detail = none,
  tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);

-- What the operator manages: providers, accounts, keys.
create table records (
  kind text not null,
  id integer not null,
  name text not null,
  value text not null,            -- JSON
  primary key (kind, id),
  unique (kind, name)
) strict, without rowid;

-- Small facts: the last id given per kind of record, how far the search index has read.
create table marks (
  name text primary key,
  value integer not null
) strict, without rowid;
