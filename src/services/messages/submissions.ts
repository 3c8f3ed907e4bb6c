import { AppError } from '../../core/errors.ts';
import { withoutSecrets } from '../../core/provider.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { Submit } from '../../submit/submit.ts';

export type SubmissionHandlers = Pick<Handlers, 'submit' | 'submitBatch' | 'explain'>;

/** Handlers that accept one message or a batch, or explain what would happen to a message. */
export function createSubmissionHandlers({ submit, prepare }: Submit): SubmissionHandlers {
  return {
    // The signal of the request is not used: `submit` does not wait for an outcome.
    submit: (principal, submission) => submit(principal, submission),
    // Calls in one turn of the event loop share a transaction.
    submitBatch: (principal, submissions) =>
      Promise.all(
        submissions.map(async submission => {
          if (submission instanceof AppError) return submission;
          return submit(principal, submission).catch(toAppError);
        }),
      ),
    async explain(principal, submission) {
      const { message, route } = prepare(principal, submission);
      const { envelope, mime, dueAt, expiresAt } = message;
      const steps = route.map(({ provider, isUsed, reason }) => ({
        provider: withoutSecrets(provider),
        isUsed,
        reason,
      }));
      return { envelope, mime, route: steps, dueAt, expiresAt };
    },
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
