import { AppError } from '../../core/errors.ts';
import { withoutSecrets } from '../../core/provider.ts';
import type { Handlers } from '../../operations/operations.ts';
import type { Submit } from '../../submit/submit.ts';

export type SubmissionHandlers = Pick<Handlers, 'submit' | 'submitBatch' | 'explain'>;

/** Mail handed in: one message, many, or one that is only looked at. */
export function createSubmissionHandlers({ submit, prepare }: Submit): SubmissionHandlers {
  return {
    // The signal that ends waiting is for who waits for an outcome; here nobody does.
    submit: (principal, submission) => submit(principal, submission),
    // All of a batch are stored in one turn, and so in one transaction.
    submitBatch: (principal, submissions) =>
      Promise.all(
        submissions.map(async one => {
          if (one instanceof AppError) return one;
          return submit(principal, one).catch(asRefusal);
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

function asRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}
