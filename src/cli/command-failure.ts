import { CommanderError } from 'commander';
import { SealError } from '../auth/sealing.ts';
import { AppError } from '../core/errors.ts';
import { DataFolderInUse } from '../main/data-folder.ts';

/** An expected failure of a command. The message is complete for the user. */
export class CommandFailure extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'CommandFailure';
  }
}

/** The output to standard error, and the exit code: 2 for wrong usage, or else 1. */
export interface CliFailure {
  readonly text: string;
  readonly exitCode: number;
}

/** Formats an error of a command. If `isVerbose`, it contains the stack. An unexpected error mentions POSTERN_DEBUG. */
export function failureOf(error: unknown, isVerbose: boolean): CliFailure {
  if (error instanceof CommanderError) return { text: '', exitCode: error.exitCode === 0 ? 0 : 2 };
  const message = messageOf(error);
  const text = isVerbose && error instanceof Error ? (error.stack ?? message) : message;
  if (isExpected(error)) return { text: `postern: ${text}`, exitCode: 1 };
  const hint = isVerbose ? '' : ' (POSTERN_DEBUG=1 shows the stack)';
  return { text: `postern: ${text}${hint}`, exitCode: 1 };
}

/** Adds the cause if the store is unavailable. A user of the command line may see it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isUnavailable = error instanceof AppError && error.code === 'unavailable';
  return isUnavailable && error.cause instanceof Error
    ? `${error.message} ${error.cause.message}`
    : error.message;
}

/** Explains why a listener cannot use its port, with advice. Returns other errors unchanged. */
export function explainListenError(error: unknown, advice: string): unknown {
  if (!isSystemError(error)) return error;
  const where = `port ${error.port} on ${error.address}`;
  if (error.code === 'EADDRINUSE')
    return new CommandFailure(`${capitalise(where)} is already in use. ${advice}`);
  if (error.code === 'EACCES')
    return new CommandFailure(`You have no permission to listen on ${where}. ${advice}`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new CommandFailure(
      `${error.address ?? error.hostname} is not an address of this machine. ${advice}`,
    );
  }
  return error;
}

interface SystemError extends Error {
  readonly code: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
}

function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'code' in error && 'syscall' in error;
}

function isExpected(error: unknown): boolean {
  const kinds = [AppError, CommandFailure, DataFolderInUse, SealError];
  return kinds.some(kind => error instanceof kind);
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
