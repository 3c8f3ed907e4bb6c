import { describe, expect, it } from 'vitest';
import { isListedHost, rangeProblem } from './host-list.ts';

describe('isListedHost', () => {
  it.each([
    [['*'], 'anything.example', true],
    [['Mail.Example'], 'mail.example', true],
    [['mail.example'], 'other.mail.example', false],
    [['127.0.0.0/8'], '127.9.9.9', true],
    [['127.0.0.0/8'], '::ffff:127.0.0.1', true],
    [['127.0.0.0/8'], '128.0.0.1', false],
    [['::1'], '0:0:0:0:0:0:0:1', true],
    [['10.0.0.0/8'], '::1', false],
    [[], 'localhost', false],
    [['127.0.0.0/8'], 'localhost', false],
  ])('by the list %j, %s: %s', (list, host, expected) => {
    expect(isListedHost(list, host)).toBe(expected);
  });
});

describe('rangeProblem', () => {
  it('knows addresses and ranges', () => {
    expect(['10.0.0.1', '10.0.0.0/8', '::1', 'fe80::/10'].map(rangeProblem)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(rangeProblem('intranet')).toBe('must hold addresses and CIDR ranges, found "intranet"');
    expect(rangeProblem('10.0.0.0/33')).toContain('10.0.0.0/33');
  });
});
