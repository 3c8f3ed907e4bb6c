/** A job that repeats, one run at a time. */
export interface Periodic {
  /** Starts no further run, and waits for the run that is under way. */
  stop(): Promise<void>;
}

/** Runs a job again and again. The job returns the pause before its next run, in ms; after an error it is `afterErrorMs`. */
export function runPeriodically(
  job: () => Promise<number>,
  onError: (error: unknown) => void,
  afterErrorMs = 10_000,
): Periodic {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    let waitMs = afterErrorMs;
    try {
      waitMs = await job();
    } catch (error) {
      onError(error);
    }
    if (!isStopped) timer = setTimeout(begin, waitMs).unref();
  }

  function begin(): void {
    running = run();
  }

  timer = setTimeout(begin, 0).unref();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
