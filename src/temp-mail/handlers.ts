import type { Handlers } from '../intake/http/context.ts';
import type { TempMailOperations } from '../intake/http/temp-mail-operations.ts';

/** What the gate does for the temp-mail API. */
export type TempMailHandlers = Pick<Handlers, keyof TempMailOperations>;
