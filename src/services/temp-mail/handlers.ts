import type { Handlers } from '../../operations/operations.ts';
import type { TempMailOperations } from '../../operations/temp-mail-operations.ts';

/** What the gate does for the temp-mail API. */
export type TempMailHandlers = Pick<Handlers, keyof TempMailOperations>;
