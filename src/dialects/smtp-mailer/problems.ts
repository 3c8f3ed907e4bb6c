import { AppError, type Problem } from '../../core/errors.ts';

/** Problems told in one answer, and characters of a field's name: the caller chooses both. */
const SHOWN = 10;
const NAME_LENGTH = 60;

/** An `invalid` that names every field at fault in its sentence, for clients that show nothing else. */
export function invalidFields(problems: readonly Problem[]): AppError {
  const shown = problems.slice(0, SHOWN).map(({ field, message }) => ({ field: clip(field), message }));
  const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : '';
  const sentence = shown.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new AppError('invalid', `${sentence}${more}.`, { problems: shown });
}

function clip(field: string): string {
  return field.length <= NAME_LENGTH ? field : `${field.slice(0, NAME_LENGTH)}…`;
}
