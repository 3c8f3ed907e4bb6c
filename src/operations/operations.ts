import type { AccountOperations } from './account-operations.ts';
import type { DirectSendOperations } from './direct-send-operations.ts';
import type { MessageOperations } from './message-operations.ts';
import type { Callers } from './operation.ts';
import type { ProviderOperations } from './provider-operations.ts';
import type { ReportOperations } from './report-operations.ts';
import type { TempMailOperations } from './temp-mail-operations.ts';
import type { UserOperations } from './user-operations.ts';

/** All that a way in can ask of the gate. Each operation acts for its caller and within the caller's account. */
export interface Operations
  extends MessageOperations,
    ProviderOperations,
    AccountOperations,
    UserOperations,
    ReportOperations,
    TempMailOperations,
    DirectSendOperations {}

/** The code behind the operations. The signal aborts when the client has gone or the gate closes: stop waiting. */
export type Handlers = {
  readonly [K in keyof Operations]: (
    caller: Callers[Operations[K]['access']],
    input: Operations[K]['input'],
    signal: AbortSignal,
  ) => Promise<Operations[K]['output']>;
};
