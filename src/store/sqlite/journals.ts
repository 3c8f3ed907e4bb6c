import { readFileSync } from 'node:fs';
import type { MessageId } from '../../core/message.ts';
import type { AdoptedMessage, LeasedMessage, LeaseId, WireFact, WireJournal } from '../store.ts';
import {
  createWireJournal,
  readWireJournal,
  removeWireJournal,
  type WireJournalFile,
} from './wire-journal.ts';

/** The wire journals of a data folder: ours to write, those of dead incarnations to read. */
export interface Journals extends WireJournal {
  /** Opens the journal of the incarnation that this process now is. */
  start(lease: LeaseId): void;
  /** Called once the end of a message's lease is committed. */
  forget(id: MessageId): void;
  /** What a dead incarnation's journal says of the messages it held; `bootId` is the boot it ran in. */
  read(lease: LeaseId, bootId: string | undefined): (message: LeasedMessage) => AdoptedMessage;
  /** Copies what is known of a message into our own journal. */
  inherit(adopted: AdoptedMessage): void;
  /** Removes what an incarnation left, ours included. */
  remove(lease: LeaseId): void;
  close(): void;
}

/** The identity of the running kernel: plain writes survive as long as it does. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux: no boot is ever "the same", so that what was under way at a crash is unknown.
    return `unknown-${process.pid}-${Date.now()}`;
  }
}

export function createJournals(folder: string, bootId: string): Journals {
  let lease: LeaseId | undefined;
  let journal: WireJournalFile | undefined;

  function ours(): WireJournalFile {
    if (journal === undefined)
      throw new Error('The wire journal is used by a node that has not joined, or has left.');
    return journal;
  }

  return {
    start(newLease) {
      lease = newLease;
      journal = createWireJournal(folder, newLease);
    },
    dot: entry => ours().dot(entry),
    replied: entry => ours().replied(entry),
    forget: id => journal?.forget(id),
    read(dead, itsBootId) {
      const journal = itsBootId === bootId ? readWireJournal(folder, dead) : undefined;
      return message => withFacts(message, journal);
    },
    inherit({ message: { id }, facts }) {
      for (const { reply, ...dot } of facts) {
        ours().dot({ id, ...dot });
        if (reply !== undefined) ours().replied({ id, attempt: dot.attempt, reply });
      }
    },
    remove(old) {
      if (old === lease) {
        journal?.remove();
        journal = undefined;
      }
      removeWireJournal(folder, old);
    },
    close() {
      journal?.close();
      journal = undefined;
    },
  };
}

/** Without a journal of this boot nobody knows what was sent: all of it may have been. */
function withFacts(message: LeasedMessage, journal: Map<MessageId, WireFact[]> | undefined): AdoptedMessage {
  if (journal === undefined) return { message, facts: [everythingMayBeSent(message)] };
  // Entries of earlier attempts belong to leases that have ended.
  const facts = (journal.get(message.id) ?? []).filter(fact => fact.attempt >= message.attempt);
  return { message, facts };
}

function everythingMayBeSent({ attempt, lane, recipients }: LeasedMessage): WireFact {
  return { attempt, provider: lane, indexes: recipients.map(recipient => recipient.index), refused: [] };
}
