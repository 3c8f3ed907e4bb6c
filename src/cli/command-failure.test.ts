import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { explainListenError, failureOf } from './command-failure.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`listen ${code}`), {
    code,
    syscall: 'listen',
    address: '127.0.0.1',
    port: 80,
  });
}

describe('failureOf', () => {
  it('says what was expected in one sentence, without a stack', () => {
    expect(failureOf(new AppError('invalid', 'Too bad.'), false)).toEqual({
      text: 'postern: Too bad.',
      exitCode: 1,
    });
  });

  it('shows the stack when asked, and says how to ask for a bug', () => {
    expect(failureOf(new Error('oops'), false).text).toBe('postern: oops (POSTERN_DEBUG=1 shows where)');
    expect(failureOf(new AppError('invalid', 'Too bad.'), true).text).toContain('failure.test.ts');
  });

  it('says why the store cannot be used', () => {
    const error = new AppError('unavailable', 'The database cannot be reached.');
    error.cause = new Error('It offers no TLS.');
    expect(failureOf(error, false).text).toBe('postern: The database cannot be reached. It offers no TLS.');
  });

  it('leaves wrong usage to the parser, which has said it, and exits with 2; help is no failure', () => {
    expect(failureOf(new CommanderError(1, 'commander.unknownOption', 'x'), false)).toEqual({
      text: '',
      exitCode: 2,
    });
    expect(failureOf(new CommanderError(0, 'commander.helpDisplayed', 'x'), false).exitCode).toBe(0);
  });
});

describe('explainListenError', () => {
  it.each([
    ['EADDRINUSE', 'Port 80 on 127.0.0.1 is in use by another program. Do this.'],
    ['EACCES', 'This user may not listen on port 80 on 127.0.0.1. Do this.'],
    ['EADDRNOTAVAIL', '127.0.0.1 is no address of this machine. Do this.'],
  ])('says %s in words', (code, sentence) => {
    expect(explainListenError(systemError(code), 'Do this.')).toMatchObject({ message: sentence });
  });

  it('leaves other errors as they are', () => {
    const error = new Error('oops');
    expect(explainListenError(error, 'Do this.')).toBe(error);
    const other = systemError('EIO');
    expect(explainListenError(other, 'Do this.')).toBe(other);
  });
});
