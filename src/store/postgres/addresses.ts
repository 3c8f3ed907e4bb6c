import type { Address } from '../../core/address.ts';
import type { SentItem } from '../../core/submission.ts';
import type { Balance, MailAddress } from '../../core/temp-mail.ts';
import type { Addresses } from '../addresses.ts';
import type { Database, Sql } from './database.ts';
import { lockNames } from './locks.ts';

interface AddressRow {
  readonly id: number;
  readonly address: Address;
  readonly password_hash: string | null;
  readonly created_at: bigint;
}

interface BalanceRow {
  readonly id: number;
  readonly address: Address;
  readonly balance: bigint;
  readonly is_enabled: boolean;
  readonly created_at: bigint;
}

interface SentRow {
  readonly id: bigint;
  readonly address: Address;
  readonly raw: string;
  readonly created_at: bigint;
}

/** Temp-mail addresses, their balances and what they sent. */
export function createAddresses(db: Database): Addresses {
  return { ...addressVerbs(db), ...balanceVerbs(db), ...sentItemVerbs(db) };
}

function addressVerbs(db: Database): Pick<Addresses, 'add' | 'get' | 'find' | 'list' | 'remove'> {
  const one = async (condition: string, value: unknown) => {
    const [row] = await db.rows<AddressRow>(`select * from addresses where ${condition}`, [value]);
    return row && mailAddress(row);
  };
  return {
    async add({ address, passwordHash, createdAt }) {
      const [row] = await db.transaction(async sql => {
        await lockNames(sql, 'address', [address]);
        const taken = await sql.rows('select 1 from addresses where address = $1', [address]);
        if (taken.length > 0) return [];
        return sql.rows<AddressRow>(
          'insert into addresses (address, password_hash, created_at) values ($1, $2, $3) returning *',
          [address, passwordHash, createdAt],
        );
      });
      return row && mailAddress(row);
    },
    get: id => one('id = $1', id),
    find: address => one('address = $1', address),
    async list({ text = '', limit, offset }) {
      const rows = await db.rows<AddressRow>(
        'select * from addresses where strpos(address, $1) > 0 order by id desc limit $2 offset $3',
        [text, limit, offset],
      );
      const count = await countOf(db, 'addresses where strpos(address, $1) > 0', text);
      return { items: rows.map(mailAddress), count };
    },
    remove: id =>
      db.transaction(async sql => {
        const [row] = await sql.rows<{ address: Address }>(
          'delete from addresses where id = $1 returning address',
          [id],
        );
        if (row === undefined) return false;
        await sql.change('delete from balances where address = $1', [row.address]);
        await sql.change('delete from sent_items where address = $1', [row.address]);
        return true;
      }),
  };
}

function balanceVerbs(
  db: Database,
): Pick<Addresses, 'balance' | 'openBalance' | 'setBalance' | 'removeBalance' | 'balances' | 'undo'> {
  const find = async (sql: Sql, address: Address) => {
    const [row] = await sql.rows<BalanceRow>('select * from balances where address = $1', [address]);
    return row && balanceOf(row);
  };
  return {
    balance: address => find(db, address),
    openBalance: ({ address, whenNew, now }) =>
      db.transaction(async sql => {
        await lockNames(sql, 'balance', [address]);
        const known = await find(sql, address);
        if (known !== undefined) return known;
        const [row] = await sql.rows<BalanceRow>(
          `insert into balances (address, balance, is_enabled, created_at) values ($1, $2, true, $3) returning *`,
          [address, whenNew, now],
        );
        if (row === undefined) throw new Error('An insert gave no row.');
        return balanceOf(row);
      }),
    async setBalance({ id, address, balance, isEnabled }) {
      const [row] = await db.transaction(sql =>
        sql.rows<BalanceRow>(
          'update balances set balance = $1, is_enabled = $2 where id = $3 and address = $4 returning *',
          [balance, isEnabled, id, address],
        ),
      );
      return row && balanceOf(row);
    },
    removeBalance: async id =>
      (await db.transaction(sql => sql.change('delete from balances where id = $1', [id]))) === 1,
    async balances({ address = '', limit, offset }) {
      const rows = await db.rows<BalanceRow>(
        'select * from balances where strpos(address, $1) > 0 order by id desc limit $2 offset $3',
        [address, limit, offset],
      );
      const count = await countOf(db, 'balances where strpos(address, $1) > 0', address);
      return { items: rows.map(balanceOf), count };
    },
    undo: ({ address, raw, amount }) =>
      db.transaction(async sql => {
        await sql.change('update balances set balance = balance + $1 where address = $2', [amount, address]);
        await sql.change(
          'delete from sent_items where id = (select max(id) from sent_items where address = $1 and raw = $2)',
          [address, raw],
        );
      }),
  };
}

function sentItemVerbs(db: Database): Pick<Addresses, 'sentItems' | 'clearSentItems'> {
  return {
    async sentItems({ address, limit, offset }) {
      const rows = await db.rows<SentRow>(
        'select * from sent_items where address = $1 order by id desc limit $2 offset $3',
        [address, limit, offset],
      );
      const count = await countOf(db, 'sent_items where address = $1', address);
      return { items: rows.map(sentItem), count };
    },
    async clearSentItems(address) {
      await db.transaction(sql => sql.change('delete from sent_items where address = $1', [address]));
    },
  };
}

/** Adds what addresses sent, in the transaction of the messages. */
export async function addSentItems(sql: Sql, items: readonly SentItem[], at: number): Promise<void> {
  await sql.change(
    `insert into sent_items (address, raw, created_at)
      select address, raw, $3 from unnest($1::text[], $2::text[]) with ordinality as s (address, raw, place) order by place`,
    [items.map(({ address }) => address), items.map(({ raw }) => raw), at],
  );
}

async function countOf(db: Database, from: string, value: string): Promise<number> {
  const [row] = await db.rows<{ count: bigint }>(`select count(*) from ${from}`, [value]);
  return Number(row?.count ?? 0);
}

function mailAddress(row: AddressRow): MailAddress {
  return {
    id: row.id,
    address: row.address,
    passwordHash: row.password_hash,
    createdAt: Number(row.created_at),
  };
}

function balanceOf(row: BalanceRow): Balance {
  return {
    id: row.id,
    address: row.address,
    balance: Number(row.balance),
    isEnabled: row.is_enabled,
    createdAt: Number(row.created_at),
  };
}

function sentItem(row: SentRow): SentItem & { readonly id: number; readonly createdAt: number } {
  return { id: Number(row.id), address: row.address, raw: row.raw, createdAt: Number(row.created_at) };
}
