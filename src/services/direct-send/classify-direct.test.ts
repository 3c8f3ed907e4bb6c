import { describe, expect, it } from 'vitest';
import type { Transmission } from '../../core/outcome.ts';
import { classifyDirect } from './classify-direct.ts';

function classify(
  transmission: Partial<Transmission> & Pick<Transmission, 'phase'>,
  facts: { encryption?: 'ssl' | 'tls'; limitMs?: number } = {},
) {
  const whole = { recipients: [], ...transmission };
  return classifyDirect({ transmission: whole, encryption: 'opportunistic', ...facts });
}

const no = { code: 550, enhanced: '5.7.1', text: 'no' };

describe('classifyDirect', () => {
  it.each(['dns', 'connect', 'greeting', 'ehlo'] as const)(
    'returns no-connection for a failure in the phase %s, with or without a reply',
    phase => {
      expect(classify({ phase, error: 'x' })).toEqual({ kind: 'no-connection' });
      expect(classify({ phase, reply: no })).toEqual({ kind: 'no-connection' });
    },
  );

  it('returns no-connection if implicit TLS fails, and refused if STARTTLS fails', () => {
    expect(classify({ phase: 'tls', error: 'x' }, { encryption: 'ssl' }).kind).toBe('no-connection');
    const refused = classify({ phase: 'tls', reply: no }, { encryption: 'tls' });
    expect(refused).toMatchObject({ kind: 'refused' });
    expect(refused).not.toHaveProperty('response');
  });

  it('returns bad-credentials only for the reply 535 to AUTH', () => {
    expect(classify({ phase: 'auth', reply: { code: 535, text: 'no' } })).toMatchObject({
      kind: 'bad-credentials',
      response: '535 no',
    });
    expect(classify({ phase: 'auth', reply: no })).toMatchObject({
      kind: 'refused',
      response: '550 5.7.1 no',
    });
    expect(classify({ phase: 'auth', error: 'x' }).kind).toBe('refused');
  });

  it.each(['mail', 'rcpt', 'data', 'body', 'done'] as const)('passes on the reply of the phase %s', phase => {
    expect(classify({ phase, reply: no })).toMatchObject({ kind: 'refused', response: '550 5.7.1 no' });
  });

  it('returns unknown if no reply follows the dot', () => {
    expect(classify({ phase: 'dot', error: 'x' })).toMatchObject({ kind: 'unknown', timedOut: false });
    expect(classify({ phase: 'dot', error: 'x' }, { limitMs: 60_000 })).toMatchObject({
      kind: 'unknown',
      timedOut: true,
    });
  });

  it('uses a reply that arrived before the time was over', () => {
    const accepted = { code: 250, text: 'accepted' };
    expect(classify({ phase: 'done', reply: accepted }, { limitMs: 60_000 })).toEqual({ kind: 'accepted' });
    expect(classify({ phase: 'mail', reply: no }, { limitMs: 60_000 }).kind).toBe('refused');
    expect(classify({ phase: 'mail', error: 'x' }, { limitMs: 60_000 }).kind).toBe('too-slow');
  });

  it('explains why the message cannot be sent to this server', () => {
    const refusal = '5.6.7 the message needs SMTPUTF8, which the server does not offer';
    expect(classify({ phase: 'mail', refusal })).toEqual({
      kind: 'refused',
      sentence: `The server cannot take this message: ${refusal}.`,
    });
  });
});
