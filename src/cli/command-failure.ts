import { CommanderError } from 'commander';
import { SealError } from '../auth/sealing.ts';
import { AppError } from '../core/errors.ts';
import { DataFolderInUse } from '../main/data-folder.ts';

/** Something a command could not do, said in one sentence. */
export class CommandFailure extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'CommandFailure';
  }
}

/** How a command ends that failed: what standard error gets, and the exit code: 2 for wrong usage, else 1. */
export interface CliFailure {
  readonly text: string;
  readonly exitCode: number;
}

/** What to say about anything that a command threw. The stack is shown when asked for, or when nobody expected this. */
export function failureOf(error: unknown, isVerbose: boolean): CliFailure {
  if (error instanceof CommanderError) return { text: '', exitCode: error.exitCode === 0 ? 0 : 2 };
  const message = messageOf(error);
  const text = isVerbose && error instanceof Error ? (error.stack ?? message) : message;
  if (isExpected(error)) return { text: `postern: ${text}`, exitCode: 1 };
  const hint = isVerbose ? '' : ' (POSTERN_DEBUG=1 shows where)';
  return { text: `postern: ${text}${hint}`, exitCode: 1 };
}

/** With the reason, where the store cannot be used: whoever types commands may know it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isUnavailable = error instanceof AppError && error.code === 'unavailable';
  return isUnavailable && error.cause instanceof Error
    ? `${error.message} ${error.cause.message}`
    : error.message;
}

/** A listener's port that another program has, said with what to do; any other error as it is. */
export function explainListenError(error: unknown, advice: string): unknown {
  if (!isSystemError(error)) return error;
  const where = `port ${error.port} on ${error.address}`;
  if (error.code === 'EADDRINUSE')
    return new CommandFailure(`${capital(where)} is in use by another program. ${advice}`);
  if (error.code === 'EACCES') return new CommandFailure(`This user may not listen on ${where}. ${advice}`);
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new CommandFailure(`${error.address ?? error.hostname} is no address of this machine. ${advice}`);
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
