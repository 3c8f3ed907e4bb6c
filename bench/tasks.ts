/** What a helper process says to a task: its result, or why there is none. */
export type Answer<Result> = { readonly result: Result } | { readonly problem: string };

/** Makes this process a helper: says that it is ready, does the tasks that its parent sends, and ends with the parent. */
export function serveTasks<Ready extends object, Task, Result>(
  run: (task: Task) => Promise<Result>,
  ready: Ready,
): void {
  // Sent by child.ts alone; its caller names the types of both sides.
  process.on('message', async message => process.send?.(await answer(run, message as Task)));
  process.on('disconnect', () => process.exit());
  process.send?.(ready);
}

async function answer<Task, Result>(
  run: (task: Task) => Promise<Result>,
  task: Task,
): Promise<Answer<Result>> {
  try {
    return { result: await run(task) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
