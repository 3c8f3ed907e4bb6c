import type { Event } from '../../core/event.ts';
import type { AttemptRecord, MessageView, RecipientView } from '../../core/message-view.ts';
import type { PublicProvider } from '../../core/provider.ts';
import type { Accepted } from '../../core/submission.ts';
import type { PublicKey } from '../../operations/account-operations.ts';
import { sayTime } from './time.ts';

// How things look in the JSON of this API: the names of the code, times as text, absent where there is nothing.

export function sayAccepted({ id, messageIdHeader, recipients }: Accepted): object {
  return { id, messageId: messageIdHeader, recipients };
}

export function sayMessage(message: MessageView): object {
  const { messageIdHeader, lane, createdAt, expiresAt, recipients, ...same } = message;
  return {
    ...same,
    messageId: messageIdHeader,
    provider: lane === 0 ? null : lane,
    createdAt: sayTime(createdAt),
    expiresAt: sayTime(expiresAt),
    recipients: recipients.map(sayRecipient),
  };
}

function sayRecipient({ index: _, dueAt, ...same }: RecipientView): object {
  return { ...same, ...(dueAt !== undefined && { dueAt: sayTime(dueAt) }) };
}

export function sayAttempt({ startedAt, ...same }: AttemptRecord): object {
  return { ...same, startedAt: sayTime(startedAt) };
}

export function sayEvent({ seq, at, account: _, data, ...same }: Event): object {
  const { nextAttemptAt, ...details } = data;
  return {
    id: seq,
    at: sayTime(at),
    ...same,
    data: { ...details, ...(nextAttemptAt !== undefined && { nextAttemptAt: sayTime(nextAttemptAt) }) },
  };
}

export function sayProvider({ id, limits, isPaused, createdAt, updatedAt, ...same }: PublicProvider): object {
  return {
    id,
    ...same,
    isPaused: isPaused ?? false,
    maxPerSecond: limits.maxPerSecond ?? null,
    maxPerMinute: limits.maxPerMinute ?? null,
    maxPerHour: limits.maxPerHour ?? null,
    maxPerDay: limits.maxPerDay ?? null,
    createdAt: sayTime(createdAt),
    updatedAt: updatedAt === null ? null : sayTime(updatedAt),
  };
}

export function sayKey({ createdAt, revokedAt, ...same }: PublicKey): object {
  return {
    ...same,
    createdAt: sayTime(createdAt),
    revokedAt: revokedAt === null ? null : sayTime(revokedAt),
  };
}
