import { describe, expect, it } from 'vitest';
import { differences } from './sample-answer.ts';

describe('an answer', () => {
  it('is the one that is shown when only ids, times and numbers differ', () => {
    const shown = { id: '01hq3', at: '2030-01-01T00:00:00Z', size: 5, state: 'queued', next: null };
    const found = { id: '09zz9', at: '2026-05-05T10:00:00Z', size: 7, state: 'queued', next: null };
    expect(differences(shown, found)).toEqual([]);
  });

  it('may have more fields and longer lists than are shown', () => {
    expect(differences({ list: ['a'] }, { list: ['a', 'b'], more: true })).toEqual([]);
  });

  it.each([
    ['a field that is not there', { id: 'x' }, {}, '$.id is absent, not string'],
    ['another word', { state: 'queued' }, { state: 'sent' }, '$.state is "sent", not "queued"'],
    ['another type', { next: null }, { next: 'x' }, '$.next is string, not null'],
    ['another truth', { ok: true }, { ok: false }, '$.ok is false, not true'],
    ['a shorter list', { list: ['a', 'b'] }, { list: ['a'] }, '$.list[1] is absent, not string'],
    ['a text where a number is shown', { mid: 7 }, { mid: '7' }, '$.mid is string, not number'],
  ])('is not the one that is shown with %s', (_, shown, found, difference) => {
    expect(differences(shown, found as never)).toEqual([difference]);
  });
});
