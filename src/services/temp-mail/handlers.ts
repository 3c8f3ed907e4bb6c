import type { Handlers } from '../../operations/operations.ts';
import type { TempMailOperations } from '../../operations/temp-mail-operations.ts';

/** The handlers of the temp-mail operations. */
export type TempMailHandlers = Pick<Handlers, keyof TempMailOperations>;
