const answerTimeoutMs = 8_000;

/** Whether the page's own server can be reached now. */
export async function serverAnswers(): Promise<boolean> {
  try {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(answerTimeoutMs) });
    return true;
  } catch {
    // Whatever the reason, no answer came.
    return false;
  }
}
