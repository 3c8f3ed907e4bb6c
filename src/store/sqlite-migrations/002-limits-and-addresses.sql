-- What was drawn from budgets: an amount per counter and bucket of time.
create table counters (
  counter text not null,
  bucket integer not null,
  amount integer not null,
  expires_at integer not null,    -- from then on it counts no more
  primary key (counter, bucket)
) strict, without rowid;
create index counters_age on counters (expires_at);

-- Temp-mail addresses. Ids are never used twice: a JWT may outlive its address.
create table addresses (
  id integer primary key autoincrement,
  address text not null unique,
  password_hash text,             -- null: it has no password
  created_at integer not null
) strict;

-- What addresses may still send, in recipients.
create table balances (
  id integer primary key autoincrement,
  address text not null unique,
  balance integer not null,
  is_enabled integer not null,
  created_at integer not null
) strict;

-- What addresses sent, as their API shows it. Kept as long as events.
create table sent_items (
  id integer primary key autoincrement,
  address text not null,
  raw text not null,              -- JSON
  created_at integer not null
) strict;
create index sent_items_of_address on sent_items (address);
create index sent_items_age on sent_items (created_at);

-- How far the readers of the event log have come.
create table cursors (
  reader text primary key,
  seq integer not null
) strict, without rowid;

-- Providers and accounts from before they had these fields.
update records set value = json_insert(value, '$.weight', 100, '$.limits', json('{}')) where kind = 'provider';
update records set value = json_insert(value,
  '$.limits', json('{}'), '$.sendsNotices', json('true'), '$.webhook', json('null')) where kind = 'account';
