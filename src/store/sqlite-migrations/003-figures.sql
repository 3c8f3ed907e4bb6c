-- Recipients to whom something happened, per stretch of time; filled from events in slices, a few seconds behind.
create table traffic (
  step text not null,             -- minute, hour, day
  at integer not null,            -- start of the stretch
  account integer not null,
  provider integer not null,      -- 0: none
  type text not null,
  slot integer not null,          -- delivered: how long it took, on a logarithmic scale; else -1
  amount integer not null,
  primary key (step, at, account, provider, type, slot)
) strict, without rowid;

-- The same by the hour for each of their domains. Time comes first in the key, so that what is written lies together.
create table domain_traffic (
  at integer not null,
  domain text not null,
  account integer not null,
  provider integer not null,
  type text not null,
  slot integer not null,
  amount integer not null,
  primary key (at, domain, account, provider, type, slot)
) strict, without rowid;

-- Those that ended bounced or failed, by the hour and by why.
create table refusals (
  at integer not null,            -- start of the hour
  account integer not null,
  provider integer not null,      -- 0: none
  domain text not null,
  code integer not null,          -- 0: there was no reply
  enhanced text not null,         -- '': there was none
  amount integer not null,
  last_at integer not null,
  last_reason text not null,
  primary key (at, account, provider, domain, code, enhanced)
) strict, without rowid;

-- Who changed what, and when. Kept for good.
create table audit (
  id integer primary key,
  at integer not null,
  author text not null,
  action text not null,
  kind text not null,
  subject integer,                -- id of the record; null: it is about no single one
  name text not null,
  changes text not null           -- JSON: field -> [before, after]
) strict;
create index audit_of_kind on audit (kind, id);
