import { expect, it } from 'vitest';
import { withGoFlags } from './powermta-command.ts';

it.each([
  [
    'powermta -listen 127.0.0.1:8000 -pickup /var/pickup',
    'powermta --listen 127.0.0.1:8000 --pickup /var/pickup',
  ],
  ['powermta -listen=:8000 -pickup=/p', 'powermta --listen=:8000 --pickup=/p'],
  ['powermta --listen :8000', 'powermta --listen :8000'],
  ['powermta -listener -pick -h -V', 'powermta -listener -pick -h -V'],
  ['send -listen x', 'send -listen x'],
  ['-listen powermta', '-listen powermta'],
])('withGoFlags converts "%s" to "%s"', (input, expected) => {
  expect(withGoFlags(input.split(' '))).toEqual(expected.split(' '));
});
