import type { Database } from 'better-sqlite3';
import type { Address } from '../../core/address.ts';
import type { SentItem } from '../../core/submission.ts';
import type { Balance, MailAddress } from '../../core/temp-mail.ts';
import type { Addresses } from '../addresses.ts';
import { ADDRESS, BALANCE, type BalanceRow, balanceOf } from './address-columns.ts';

/** The rows of temp-mail addresses, for those who write. */
export interface AddressRows {
  add(address: Omit<MailAddress, 'id'>): MailAddress | undefined;
  remove(id: number): boolean;
  openBalance(request: { address: Address; whenNew: number; now: number }): Balance;
  setBalance(request: Parameters<Addresses['setBalance']>[0]): Balance | undefined;
  removeBalance(id: number): boolean;
  /** Takes from a balance that is enabled and has as much; false, and nothing taken, otherwise. */
  spend(address: Address, amount: number): boolean;
  addSentItem(item: SentItem, at: number): void;
  clearSentItems(address: Address): void;
  undo(refused: SentItem & { readonly amount: number }): void;
}

export function prepareAddressRows(db: Database): AddressRows {
  return { ...prepareAddresses(db), ...prepareBalances(db), ...prepareSentItems(db), undo: prepareUndo(db) };
}

function prepareAddresses(db: Database): Pick<AddressRows, 'add' | 'remove'> {
  const isTaken = db.prepare('select 1 from addresses where address = ?').pluck();
  const insert = db.prepare(`insert into addresses (address, password_hash, created_at) values (?, ?, ?)
    returning ${ADDRESS}`);
  const remove = db.prepare('delete from addresses where id = ? returning address').pluck();
  const belongings = ['balances', 'sent_items'].map(table =>
    db.prepare(`delete from ${table} where address = ?`),
  );
  return {
    add({ address, passwordHash, createdAt }) {
      if (isTaken.get(address) !== undefined) return undefined;
      return insert.get(address, passwordHash, createdAt) as MailAddress;
    },
    remove(id) {
      const address = remove.get(id);
      if (address === undefined) return false;
      for (const theirs of belongings) theirs.run(address);
      return true;
    },
  };
}

function prepareBalances(
  db: Database,
): Pick<AddressRows, 'openBalance' | 'setBalance' | 'removeBalance' | 'spend'> {
  const find = db.prepare(`select ${BALANCE} from balances where address = ?`);
  const insert =
    db.prepare(`insert into balances (address, balance, is_enabled, created_at) values (?, ?, 1, ?)
    returning ${BALANCE}`);
  const set = db.prepare(`update balances set balance = ?, is_enabled = ? where id = ? and address = ?
    returning ${BALANCE}`);
  const remove = db.prepare('delete from balances where id = ?');
  const spend = db.prepare(
    'update balances set balance = balance - ? where address = ? and is_enabled = 1 and balance >= ?',
  );
  return {
    openBalance({ address, whenNew, now }) {
      const row = find.get(address) ?? insert.get(address, whenNew, now);
      return balanceOf(row as BalanceRow);
    },
    setBalance({ id, address, balance, isEnabled }) {
      const row = set.get(balance, Number(isEnabled), id, address) as BalanceRow | undefined;
      return row && balanceOf(row);
    },
    removeBalance: id => remove.run(id).changes === 1,
    spend: (address, amount) => spend.run(amount, address, amount).changes === 1,
  };
}

function prepareSentItems(db: Database): Pick<AddressRows, 'addSentItem' | 'clearSentItems'> {
  const insert = db.prepare('insert into sent_items (address, raw, created_at) values (?, ?, ?)');
  const clear = db.prepare('delete from sent_items where address = ?');
  return {
    addSentItem: ({ address, raw }, at) => void insert.run(address, raw, at),
    clearSentItems: address => void clear.run(address),
  };
}

function prepareUndo(db: Database): AddressRows['undo'] {
  const putBack = db.prepare('update balances set balance = balance + ? where address = ?');
  const takeAway = db.prepare(`delete from sent_items where id =
    (select max(id) from sent_items where address = ? and raw = ?)`);
  return ({ address, raw, amount }) => {
    putBack.run(amount, address);
    takeAway.run(address, raw);
  };
}
