/** The answer of a helper process to a task: the result or the error message. */
export type Answer<Result> = { readonly result: Result } | { readonly problem: string };

/** Makes this process a helper: it reports that it is ready, runs the tasks of its parent, and exits with the parent. */
export function serveTasks<Ready extends object, Task, Result>(
  run: (task: Task) => Promise<Result>,
  ready: Ready,
): void {
  // Only child.ts sends messages; its caller sets the types of both sides.
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
