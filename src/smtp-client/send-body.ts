import type { ClientSocket } from './client-socket.ts';
import { dotStuff } from './dot-stuffing.ts';
import { refusedRecipients, type Transaction } from './transaction.ts';

/** A larger message is written to the kernel before its dot. Until the dot is written, the message is certainly not sent. */
const HOLD_DOT_ABOVE = 65_536;
/** Octets that the kernel must accept within one `blockMs`. */
const BLOCK = 262_144;

/** Receives the result. Exactly one function is called, unless the transaction ends first. */
export interface SendBodyListener {
  /** The last write can follow: it starts with `unsent` and ends with the dot. */
  ready(unsent: Buffer): void;
  /** `beforeDot` threw an error. The dot must not be sent. */
  failed(error: unknown): void;
}

const NOTHING = Buffer.alloc(0);

/** Sends a message up to its last write, after DATA was accepted. A large body is written first, then `beforeDot` is called. */
export function sendBody(
  transaction: Transaction,
  socket: ClientSocket,
  blockMs: number,
  listener: SendBodyListener,
): void {
  const body = dotStuff(transaction.mime);
  if (body.length <= HOLD_DOT_ABOVE) {
    callBeforeDot(transaction, body, listener);
    return;
  }
  const writeFrom = (start: number): void => {
    if (transaction.isSettled) return;
    if (start >= body.length) {
      callBeforeDot(transaction, NOTHING, listener);
      return;
    }
    socket.setDeadline(blockMs);
    socket.write(body.subarray(start, start + BLOCK), () => writeFrom(start + BLOCK));
  };
  writeFrom(0);
}

/** Calls `beforeDot`. Without a promise to wait for, the write follows at once. `beforeDot` may also have aborted the message. */
function callBeforeDot(transaction: Transaction, unsent: Buffer, listener: SendBodyListener): void {
  let permission: unknown;
  try {
    permission = transaction.job.beforeDot(refusedRecipients(transaction));
  } catch (error) {
    listener.failed(error);
    return;
  }
  if (permission instanceof Promise) waitForPermission(transaction, permission, unsent, listener);
  else if (!transaction.isSettled) listener.ready(unsent);
}

/** Waits for `beforeDot`. The connection can be lost in the meantime, which ends the transaction. */
async function waitForPermission(
  transaction: Transaction,
  permission: Promise<unknown>,
  unsent: Buffer,
  listener: SendBodyListener,
): Promise<void> {
  try {
    await permission;
  } catch (error) {
    if (!transaction.isSettled) listener.failed(error);
    return;
  }
  if (!transaction.isSettled) listener.ready(unsent);
}
