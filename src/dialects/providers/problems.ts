import { AppError, type Problem } from '../../core/errors.ts';

/** The most problems in one reply, and the longest name: the caller chooses the names of filters. */
const MAX_PROBLEMS = 50;
const MAX_NAME = 60;

/** Throws `invalid` with all problems, if there are any. */
export function throwProblems(problems: readonly Problem[]): void {
  const shown = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ field, message }) => ({ field: clip(field), message }));
  const [first] = shown;
  if (first === undefined) return;
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  throw new AppError('invalid', `${first.field} ${first.message}${more}.`, { problems: shown });
}

function clip(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME)}…`;
}
