import { AppError, type Problem } from '../../core/errors.ts';

/** Problems shown in one answer, and characters of a field's name: the caller chooses both. */
const SHOWN = 100;

/** Collects what is wrong with a request, so that the caller hears of everything at once. */
export interface Problems {
  add(field: string, message: string): void;
  addAll(problems: readonly Problem[]): void;
  /** Throws `invalid` when there was any. */
  throwIfAny(): void;
}

export function collectProblems(): Problems {
  const problems: Problem[] = [];
  return {
    add(field, message) {
      problems.push({ field, message });
    },
    addAll(more) {
      for (const problem of more) problems.push(problem);
    },
    throwIfAny() {
      const [first] = problems;
      if (first === undefined) return;
      const others = problems.length === 1 ? '' : ` (and ${problems.length - 1} more, see problems)`;
      const shown = problems.slice(0, SHOWN).map(({ field, message }) => ({ field: clip(field), message }));
      throw new AppError('invalid', `${clip(first.field)}: ${first.message}${others}`, { problems: shown });
    },
  };
}

function clip(field: string): string {
  return field.length <= SHOWN ? field : `${field.slice(0, SHOWN)}…`;
}
