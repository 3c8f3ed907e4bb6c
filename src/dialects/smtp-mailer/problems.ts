import { AppError, type Problem } from '../../core/errors.ts';

/** The most problems in one reply, and the longest field name: the caller chooses the fields. */
const MAX_PROBLEMS = 10;
const MAX_NAME = 60;

/** An error `invalid` whose text names all invalid fields, because clients show only the text. */
export function invalidFields(problems: readonly Problem[]): AppError {
  const shown = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ field, message }) => ({ field: clip(field), message }));
  const more = problems.length > MAX_PROBLEMS ? `; and ${problems.length - MAX_PROBLEMS} more` : '';
  const sentence = shown.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new AppError('invalid', `${sentence}${more}.`, { problems: shown });
}

function clip(field: string): string {
  return field.length <= MAX_NAME ? field : `${field.slice(0, MAX_NAME)}…`;
}
