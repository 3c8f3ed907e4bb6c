import type { ProviderId } from '../../core/message.ts';
import type { Dialect } from './dialect.ts';
import { inbox } from './dialects/inbox/inbox.ts';
import { powermta } from './dialects/powermta/powermta.ts';
import { v1 } from './dialects/v1/v1.ts';

/** The HTTP APIs we speak, in the order in which they are asked for a path; v1 answers for what is left. */
export function createDialects(options: {
  /** The capture provider of development mode; absent: there is no inbox. */
  readonly inbox?: ProviderId;
}): readonly Dialect[] {
  return [powermta, ...(options.inbox === undefined ? [] : [inbox(options.inbox)]), v1];
}
