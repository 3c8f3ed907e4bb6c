import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { runProgram } from '../../test/helpers/programs/program.ts';
import { sessionsOf } from './past-days.ts';

const DAY_MS = 86_400_000;
/** A Monday. */
const NOON = Date.UTC(2026, 0, 5, 12);

test('sessions are in order, within the given days before now, and six for each day', () => {
  const sessions = sessionsOf(NOON, 7);
  const times = sessions.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times[0]).toBeGreaterThanOrEqual(NOON - 7 * DAY_MS);
  expect(times.at(-1)).toBeLessThan(NOON);
  expect(sessions).toHaveLength(7 * 6);
});

test('a weekend has less mail than a working day', () => {
  const weightOf = (day: number) =>
    sessionsOf(NOON, 7)
      .filter(({ at }) => Math.floor(at / DAY_MS) === Math.floor(day / DAY_MS))
      .reduce((sum, { weight }) => sum + weight, 0);
  const [friday, sunday] = [weightOf(NOON - 3 * DAY_MS), weightOf(NOON - DAY_MS)];
  expect(sunday / friday).toBeCloseTo(0.4);
});

test('the shifted clock changes only the current time', async () => {
  const module = pathToFileURL(join(import.meta.dirname, 'shifted-clock.ts')).href;
  const code = `console.log(JSON.stringify([
    Date.now(), new Date().getTime(), new Date(5).getTime(), Date.UTC(1970, 0, 2), new Date() instanceof Date]))`;
  const { stdout } = await runProgram(process.execPath, ['--import', module, '--eval', code], {
    env: { SEED_CLOCK_OFFSET_MS: String(-DAY_MS) },
  });
  const [now, made, given, utc, isDate] = JSON.parse(stdout);
  for (const time of [now, made]) expect(Math.abs(time + DAY_MS - Date.now())).toBeLessThan(60_000);
  expect([given, utc, isDate]).toEqual([5, DAY_MS, true]);
});
