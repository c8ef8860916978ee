import { type Diagnosis, failed, ok, sentenceOf } from "./diagnosis.ts";

const check = "api";

const answerTimeoutMs = 5_000;

interface Readiness {
  readonly dependencies?: readonly { readonly name: string; readonly ready: boolean }[];
}

/** Asks a server that runs whether it is ready, and what it lacks. */
export async function checkServer(apiOrigin: string): Promise<Diagnosis> {
  const fix = "Look at what the server says on its standard error, then start it again.";
  let answer: Response;
  let readiness: Readiness;
  try {
    answer = await fetch(`${apiOrigin}/readyz`, { signal: AbortSignal.timeout(answerTimeoutMs) });
    readiness = (await answer.json()) as Readiness;
  } catch (error) {
    return failed(check, `A server runs, but ${apiOrigin}/readyz does not answer: ${sentenceOf(error)}`, fix);
  }
  if (answer.status === 200) return ok(check, `The server runs, and ${apiOrigin} is ready.`);
  const lacking = (readiness.dependencies ?? []).filter(({ ready }) => !ready).map(({ name }) => name);
  return failed(check, `The server runs, but it is not ready: ${lacking.join(", ") || answer.status}.`, fix);
}
