import { AppError } from '../../core/errors.ts';
import { isMessageId } from '../../core/id.ts';
import type { MessageId } from '../../core/message.ts';
import type { DialectRequest } from '../dialect.ts';

/** The number that is `:id` of a path; `not_found` when it is none. */
export function readId({ params }: DialectRequest, what: string): number {
  const text = params['id'] ?? '';
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new AppError('not_found', `There is no such ${what}.`);
  return Number(text);
}

/** The message that `:id` of a path names; `not_found` when that is none. */
export function readMessageId({ params }: DialectRequest): { id: MessageId } {
  const id = params['id'] ?? '';
  if (!isMessageId(id)) throw new AppError('not_found', 'There is no such message.');
  return { id };
}
