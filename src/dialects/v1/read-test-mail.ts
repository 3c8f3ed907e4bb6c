import { type TProperties, Type } from 'typebox';
import { parseAddress } from '../../core/address.ts';
import type { Problem } from '../../core/errors.ts';
import type { TestMail } from '../../operations/provider-operations.ts';
import { collectProblems } from './problems.ts';

/** The fields that ask for a test mail besides a check. */
export const TEST_MAIL_FIELDS = {
  mailTo: Type.Optional(
    Type.String({ maxLength: 320, description: 'Also sends a test mail there, by this provider alone' }),
  ),
  mailFrom: Type.Optional(
    Type.String({ maxLength: 320, description: "Absent: the provider's default sender, or its user name" }),
  ),
} satisfies TProperties;

/** The test mail that a body asks for; undefined when it asks for none. Throws `invalid` for what is no address. */
export function readTestMail(given: {
  readonly mailTo?: unknown;
  readonly mailFrom?: unknown;
}): TestMail | undefined {
  const problems: Problem[] = [];
  const to = readAddress(given.mailTo, 'mailTo', problems);
  const from = readAddress(given.mailFrom, 'mailFrom', problems);
  const collected = collectProblems();
  collected.addAll(problems);
  collected.throwIfAny();
  return to === undefined ? undefined : { to, ...(from !== undefined && { from }) };
}

function readAddress(text: unknown, field: string, problems: Problem[]): TestMail['from'] {
  if (text === undefined || text === null || text === '') return undefined;
  const parsed = parseAddress(String(text));
  if (parsed.ok) return parsed.value;
  problems.push({ field, message: parsed.reason });
  return undefined;
}
