import { describe, expect, it } from 'vitest';
import { planAuth } from './auth.ts';

const password = { username: 'user', password: 'päss' };
const token = { username: 'user', accessToken: 'ya29.token' };
const decode = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();

describe('planAuth', () => {
  it('sends one response with PLAIN', () => {
    const plan = planAuth(password, ['LOGIN', 'PLAIN']);
    expect(plan).toMatchObject({ mechanism: 'PLAIN', responses: [] });
    expect(decode(plan?.command.replace('AUTH PLAIN ', ''))).toBe('\u0000user\u0000päss');
  });

  it('answers two challenges with LOGIN', () => {
    const plan = planAuth(password, ['LOGIN']);
    expect(plan).toMatchObject({ mechanism: 'LOGIN', command: 'AUTH LOGIN' });
    expect(plan?.responses.map(decode)).toEqual(['user', 'päss']);
  });

  it('sends a token with XOAUTH2, and an empty response after a refusal', () => {
    const plan = planAuth(token, ['PLAIN', 'XOAUTH2']);
    expect(decode(plan?.command.replace('AUTH XOAUTH2 ', ''))).toBe(
      'user=user\u0001auth=Bearer ya29.token\u0001\u0001',
    );
    expect(plan?.responses).toEqual(['']);
  });

  it('sends a long token after the command line, because the line is limited', () => {
    const plan = planAuth({ username: 'user', accessToken: 'x'.repeat(2_000) }, ['XOAUTH2']);
    expect(plan?.command).toBe('AUTH XOAUTH2');
    expect(decode(plan?.responses[0])).toContain('x'.repeat(2_000));
    expect(plan?.responses[1]).toBe('');
  });

  it('returns undefined when no supported mechanism is offered', () => {
    expect(planAuth(password, ['CRAM-MD5', 'XOAUTH2'])).toBeUndefined();
    expect(planAuth(token, ['PLAIN', 'LOGIN'])).toBeUndefined();
    expect(planAuth(password, [])).toBeUndefined();
  });
});
