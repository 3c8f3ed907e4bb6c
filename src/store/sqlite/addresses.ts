import type { Database } from 'better-sqlite3';
import type { SentItem } from '../../core/submission.ts';
import type { MailAddress } from '../../core/temp-mail.ts';
import type { Addresses } from '../addresses.ts';
import { ADDRESS, BALANCE, type BalanceRow, balanceOf } from './address-columns.ts';
import type { Commit } from './engine.ts';
import type { Reader } from './reader.ts';
import { BOUND } from './row-values.ts';

/** The verbs of temp-mail addresses: changes in the transaction of their turn, reads without waiting for it. */
export function createAddresses(commit: Commit, { db, read }: Reader): Addresses {
  const views = prepareViews(db);
  return {
    add: address => commit.run(engine => engine.addresses.add(address)),
    get: id => read(() => views.get(id)),
    find: address => read(() => views.find(address)),
    list: request => read(() => views.list(request)),
    remove: id => commit.run(engine => engine.addresses.remove(id)),

    balance: address => read(() => views.balance(address)),
    openBalance: request => commit.run(engine => engine.addresses.openBalance(request)),
    setBalance: request => commit.run(engine => engine.addresses.setBalance(request)),
    removeBalance: id => commit.run(engine => engine.addresses.removeBalance(id)),
    undo: refused => commit.run(engine => engine.addresses.undo(refused)),
    balances: request => read(() => views.balances(request)),

    sentItems: request => read(() => views.sentItems(request)),
    clearSentItems: address => commit.run(engine => engine.addresses.clearSentItems(address)),
  };
}

function prepareViews(db: Database) {
  const get = db.prepare(`select ${ADDRESS} from addresses where id = ?`);
  const find = db.prepare(`select ${ADDRESS} from addresses where address = ?`);
  const balance = db.prepare(`select ${BALANCE} from balances where address = ?`);
  return {
    get: (id: number) => get.get(id) as MailAddress | undefined,
    find: (address: string) => find.get(address) as MailAddress | undefined,
    balance(address: string) {
      const row = balance.get(address) as BalanceRow | undefined;
      return row && balanceOf(row);
    },
    list: prepareAddressList(db),
    balances: prepareBalanceList(db),
    sentItems: prepareSentItemList(db),
  };
}

type List<Verb extends 'list' | 'balances' | 'sentItems'> = (
  request: Parameters<Addresses[Verb]>[0],
) => Awaited<ReturnType<Addresses[Verb]>>;

function prepareAddressList(db: Database): List<'list'> {
  const where = 'where instr(address, ?) > 0';
  const count = db.prepare(`select count(*) from addresses ${where}`).pluck();
  const rows = db.prepare(
    `select ${ADDRESS} from addresses ${where} order by id desc limit ${BOUND} offset ${BOUND}`,
  );
  return ({ text = '', limit, offset }) => ({
    items: rows.all(text, limit, offset) as MailAddress[],
    count: count.get(text) as number,
  });
}

function prepareBalanceList(db: Database): List<'balances'> {
  // Everything contains the empty text.
  const where = 'where instr(address, ?) > 0';
  const count = db.prepare(`select count(*) from balances ${where}`).pluck();
  const rows = db.prepare(
    `select ${BALANCE} from balances ${where} order by id desc limit ${BOUND} offset ${BOUND}`,
  );
  return ({ address = '', limit, offset }) => ({
    items: (rows.all(address, limit, offset) as BalanceRow[]).map(balanceOf),
    count: count.get(address) as number,
  });
}

function prepareSentItemList(db: Database): List<'sentItems'> {
  const count = db.prepare('select count(*) from sent_items where address = ?').pluck();
  const rows = db.prepare(`select id, address, raw, created_at as createdAt from sent_items
    where address = cast(? as text) order by id desc limit ${BOUND} offset ${BOUND}`);
  return ({ address, limit, offset }) => ({
    items: rows.all(address, limit, offset) as (SentItem & { id: number; createdAt: number })[],
    count: count.get(address) as number,
  });
}
