import { describe, expect, it } from 'vitest';
import { checkRange, isListedHost } from './host-list.ts';

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
  ])('with the list %j and the host %s returns %s', (list, host, expected) => {
    expect(isListedHost(list, host)).toBe(expected);
  });
});

describe('rangeProblem', () => {
  it('accepts addresses and CIDR ranges, and reports other entries', () => {
    expect(['10.0.0.1', '10.0.0.0/8', '::1', 'fe80::/10'].map(checkRange)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(checkRange('intranet')).toBe('must contain only addresses and CIDR ranges, found "intranet"');
    expect(checkRange('10.0.0.0/33')).toContain('10.0.0.0/33');
  });
});
