import { afterAll, beforeEach } from 'vitest';
import { endChildren, runningChildren } from '../helpers/programs/children.ts';

// Before each test file: what a test started ends when the test fails, also by a timeout, and all that a file started ends
// with the file. A file that leaves something running fails.

beforeEach(({ task, onTestFailed }) => {
  // Of tests that run side by side nobody knows which one started what.
  if (task.concurrent === true) return;
  const before = runningChildren();
  onTestFailed(async () => {
    await endChildren(before);
  });
});

afterAll(async () => {
  const left = await endChildren();
  if (left.length > 0) throw new Error(`These programs were left running:\n${left.join('\n')}`);
});

// When the main process of the run is killed, nobody waits for this one.
process.once('disconnect', () => process.exit(1));
