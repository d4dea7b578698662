// Waiting for what comes, or is so, in its own time: no test hangs.

const kEventuallyMilliseconds = 60_000;
const kLookEveryMilliseconds = 20;

// Resolves with the promise, or fails when it has not come in time.
export async function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: not within ${milliseconds} ms`)),
      milliseconds,
    );
    timer.unref(); // a wait that nobody needs any more does not keep the test run going
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// A promise that a timer keeps: only for looking again, never for a time to pass.
export const lookAgain = () =>
  new Promise((resolve) => setTimeout(resolve, kLookEveryMilliseconds));

// Asks until the answer is truthy, and gives it back.
export async function eventually(what, ask, milliseconds = kEventuallyMilliseconds) {
  const end = performance.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`${what}: not within ${milliseconds} ms`);
    await lookAgain();
  }
}
