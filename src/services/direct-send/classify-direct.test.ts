import { describe, expect, it } from 'vitest';
import type { Transmission } from '../../core/outcome.ts';
import { classifyDirect } from './classify-direct.ts';

function judge(
  transmission: Partial<Transmission> & Pick<Transmission, 'phase'>,
  facts: { encryption?: 'ssl' | 'tls'; limitMs?: number } = {},
) {
  const whole = { recipients: [], ...transmission };
  return classifyDirect({ transmission: whole, encryption: 'opportunistic', ...facts });
}

const no = { code: 550, enhanced: '5.7.1', text: 'no' };

describe('what an attempt means to a caller who waits', () => {
  it.each(['dns', 'connect', 'greeting', 'ehlo'] as const)(
    '%s: there is no server, whatever it said',
    phase => {
      expect(judge({ phase, error: 'x' })).toEqual({ kind: 'no-connection' });
      expect(judge({ phase, reply: no })).toEqual({ kind: 'no-connection' });
    },
  );

  it('TLS from the start is part of the connection, STARTTLS is not', () => {
    expect(judge({ phase: 'tls', error: 'x' }, { encryption: 'ssl' }).kind).toBe('no-connection');
    const refused = judge({ phase: 'tls', reply: no }, { encryption: 'tls' });
    expect(refused).toMatchObject({ kind: 'refused' });
    expect(refused).not.toHaveProperty('response');
  });

  it('only 535 is about the credentials', () => {
    expect(judge({ phase: 'auth', reply: { code: 535, text: 'no' } })).toMatchObject({
      kind: 'bad-credentials',
      response: '535 no',
    });
    expect(judge({ phase: 'auth', reply: no })).toMatchObject({ kind: 'refused', response: '550 5.7.1 no' });
    expect(judge({ phase: 'auth', error: 'x' }).kind).toBe('refused');
  });

  it.each(['mail', 'rcpt', 'data', 'body', 'done'] as const)('%s: a reply is handed on', phase => {
    expect(judge({ phase, reply: no })).toMatchObject({ kind: 'refused', response: '550 5.7.1 no' });
  });

  it('after the dot, no reply is no outcome', () => {
    expect(judge({ phase: 'dot', error: 'x' })).toMatchObject({ kind: 'unknown', timedOut: false });
    expect(judge({ phase: 'dot', error: 'x' }, { limitMs: 60_000 })).toMatchObject({
      kind: 'unknown',
      timedOut: true,
    });
  });

  it('a reply counts, also when it came at the very end of the time', () => {
    const taken = { code: 250, text: 'taken' };
    expect(judge({ phase: 'done', reply: taken }, { limitMs: 60_000 })).toEqual({ kind: 'accepted' });
    expect(judge({ phase: 'mail', reply: no }, { limitMs: 60_000 }).kind).toBe('refused');
    expect(judge({ phase: 'mail', error: 'x' }, { limitMs: 60_000 }).kind).toBe('too-slow');
  });

  it('what we could not even hand over says why', () => {
    const refusal = '5.6.7 the message needs SMTPUTF8, which the server does not offer';
    expect(judge({ phase: 'mail', refusal })).toEqual({
      kind: 'refused',
      sentence: `The server cannot take this message: ${refusal}.`,
    });
  });
});
