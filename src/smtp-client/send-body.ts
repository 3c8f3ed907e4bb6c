import type { ClientSocket } from './client-socket.ts';
import { dotStuff } from './dot-stuffing.ts';
import { refusedRecipients, type Transaction } from './transaction.ts';

/** A larger message is given to the kernel before its dot is, so that "not sent" can still be said of it meanwhile. */
const HOLD_DOT_ABOVE = 65_536;
/** What the kernel must take within one `blockMs`. */
const BLOCK = 262_144;

/** Who is told how it went: exactly one of them is called, unless the transaction is settled first. */
export interface HandOverListener {
  /** All is ready for the write that ends with the dot and begins with `unsent`. */
  ready(unsent: Buffer): void;
  /** `beforeDot` threw; the dot must not be sent. */
  forbidden(error: unknown): void;
}

const NOTHING = Buffer.alloc(0);

/** Brings a message for which DATA was accepted to its last write: a large one is sent up to the dot, then leave is asked. */
export function handOver(
  transaction: Transaction,
  wire: ClientSocket,
  blockMs: number,
  listener: HandOverListener,
): void {
  const body = dotStuff(transaction.mime);
  if (body.length <= HOLD_DOT_ABOVE) {
    askLeave(transaction, body, listener);
    return;
  }
  const writeFrom = (start: number): void => {
    if (transaction.isSettled) return;
    if (start >= body.length) {
      askLeave(transaction, NOTHING, listener);
      return;
    }
    wire.within(blockMs);
    wire.write(body.subarray(start, start + BLOCK), () => writeFrom(start + BLOCK));
  };
  writeFrom(0);
}

/** Where there is no promise to wait for, the write follows at once. Who was asked may have aborted instead. */
function askLeave(transaction: Transaction, unsent: Buffer, listener: HandOverListener): void {
  let leave: unknown;
  try {
    leave = transaction.job.beforeDot(refusedRecipients(transaction));
  } catch (error) {
    listener.forbidden(error);
    return;
  }
  if (leave instanceof Promise) waitForLeave(transaction, leave, unsent, listener);
  else if (!transaction.isSettled) listener.ready(unsent);
}

/** The connection may be lost meanwhile, and the result with it. */
async function waitForLeave(
  transaction: Transaction,
  leave: Promise<unknown>,
  unsent: Buffer,
  listener: HandOverListener,
): Promise<void> {
  try {
    await leave;
  } catch (error) {
    if (!transaction.isSettled) listener.forbidden(error);
    return;
  }
  if (!transaction.isSettled) listener.ready(unsent);
}
