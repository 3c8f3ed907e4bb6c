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
  it('shows the message of an expected error without the stack', () => {
    expect(failureOf(new AppError('invalid', 'Too bad.'), false)).toEqual({
      text: 'postern: Too bad.',
      exitCode: 1,
    });
  });

  it('shows the stack in verbose mode, and mentions POSTERN_DEBUG for an unexpected error', () => {
    expect(failureOf(new Error('oops'), false).text).toBe('postern: oops (POSTERN_DEBUG=1 shows the stack)');
    expect(failureOf(new AppError('invalid', 'Too bad.'), true).text).toContain('failure.test.ts');
  });

  it('shows the cause if the store is unavailable', () => {
    const error = new AppError('unavailable', 'The database cannot be reached.');
    error.cause = new Error('It offers no TLS.');
    expect(failureOf(error, false).text).toBe('postern: The database cannot be reached. It offers no TLS.');
  });

  it('returns 2 and no text for wrong usage, which the parser has reported, and 0 for help', () => {
    expect(failureOf(new CommanderError(1, 'commander.unknownOption', 'x'), false)).toEqual({
      text: '',
      exitCode: 2,
    });
    expect(failureOf(new CommanderError(0, 'commander.helpDisplayed', 'x'), false).exitCode).toBe(0);
  });
});

describe('explainListenError', () => {
  it.each([
    ['EADDRINUSE', 'Port 80 on 127.0.0.1 is already in use. Do this.'],
    ['EACCES', 'You have no permission to listen on port 80 on 127.0.0.1. Do this.'],
    ['EADDRNOTAVAIL', '127.0.0.1 is not an address of this machine. Do this.'],
  ])('explains %s', (code, sentence) => {
    expect(explainListenError(systemError(code), 'Do this.')).toMatchObject({ message: sentence });
  });

  it('returns other errors unchanged', () => {
    const error = new Error('oops');
    expect(explainListenError(error, 'Do this.')).toBe(error);
    const other = systemError('EIO');
    expect(explainListenError(other, 'Do this.')).toBe(other);
  });
});
