import { AppError, type Problem } from '../../core/errors.ts';

/** Problems told in one answer, and characters of a name: the caller chooses the names of filters. */
const SHOWN = 50;
const NAME_LENGTH = 60;

/** Throws `invalid` with everything that is wrong, where anything is. */
export function throwIfAny(problems: readonly Problem[]): void {
  const shown = problems.slice(0, SHOWN).map(({ field, message }) => ({ field: clip(field), message }));
  const [first] = shown;
  if (first === undefined) return;
  const more = problems.length === 1 ? '' : `, and ${problems.length - 1} more`;
  throw new AppError('invalid', `${first.field} ${first.message}${more}.`, { problems: shown });
}

function clip(name: string): string {
  return name.length <= NAME_LENGTH ? name : `${name.slice(0, NAME_LENGTH)}…`;
}
