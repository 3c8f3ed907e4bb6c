import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer } from './tasks.ts';

/** A helper process of the bench. tasks.ts is the code on its side. */
export interface Child<Ready, Task, Result> {
  readonly pid: number;
  /** The message that it sent when it was ready. */
  readonly ready: Ready;
  /** Sends a task and waits for its result. Only one task may be in progress. */
  ask(task: Task, signal: AbortSignal): Promise<Result>;
  stop(): void;
}

const START_MS = 60_000;

/** Starts a script as a helper process. */
export async function startChild<Ready, Task extends object, Result>(
  script: URL,
  args: readonly string[],
): Promise<Child<Ready, Task, Result>> {
  const child = fork(script, args, {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The process of ${script} ended early.`);
  });
  // After stop() nothing waits for this promise.
  ended.catch(() => {});

  async function receive(signal: AbortSignal): Promise<unknown> {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  }

  return {
    pid: child.pid ?? 0,
    ready: (await receive(AbortSignal.timeout(START_MS))) as Ready,
    async ask(task, signal) {
      const received = receive(signal);
      child.send(task);
      const answer = (await received) as Answer<Result>;
      if ('problem' in answer) throw new Error(answer.problem);
      return answer.result;
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
