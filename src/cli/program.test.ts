import { CommanderError } from 'commander';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { failureOf } from './command-failure.ts';
import { createProgram } from './program.ts';

const printed = { out: '', error: '' };
beforeEach(() => {
  printed.out = '';
  printed.error = '';
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    printed.out += text;
    return true;
  });
  const error = vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    printed.error += text;
    return true;
  });
  onTestFinished(() => {
    out.mockRestore();
    error.mockRestore();
  });
});

/** The exit code of arguments that print help or an error. */
async function exitCodeOf(...args: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return failureOf(error, false).exitCode;
    throw error;
  }
  throw new Error('The command ran');
}

describe('createProgram', () => {
  it.each([
    '',
    'dev',
    'serve',
    'send',
    'user add',
    'provider',
    'provider add',
    'key',
    'key create',
    'queue',
    'queue list',
    'migrate',
  ])('prints help with examples for the command "%s"', async command => {
    const args = command.split(' ').filter(word => word !== '');
    expect(await exitCodeOf(...args, '--help')).toBe(0);
    expect(printed.out).toMatch(/Start here:|Examples?:\n/);
    expect(printed.out).toContain(`Usage: postern${command === '' ? '' : ` ${command}`}`);
  });

  it.each([
    ['frob', "unknown command 'frob'"],
    ['dev --frob', "unknown option '--frob'"],
    ['dev --http nowhere', 'It must be HOST:PORT'],
    ['dev extra', 'too many arguments'],
    ['queue show', "missing required argument 'id'"],
    ['provider add --kind capture', 'Allowed choices are smtp, pickup'],
    ['provider check one', 'It must be a whole number'],
    ['key create', "required option '--name <text>' not specified"],
    ['queue list --state lost', 'Allowed choices are'],
  ])('refuses "%s" with a reason', async (line, reason) => {
    expect(await exitCodeOf(...line.split(' '))).toBe(2);
    expect(printed.error).toContain(reason);
  });

  it('has no option for a password, because other users of the machine could see it', async () => {
    await exitCodeOf('provider', 'add', '--help');
    expect(printed.out).not.toMatch(/--password[ =]/);
  });
});
