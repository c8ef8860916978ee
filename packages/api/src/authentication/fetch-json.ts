/** No JSON object came; `status` is that of the answer, where there was one. */
export class NoJsonError extends Error {
  override readonly name = "NoJsonError";
  readonly status: number | undefined;
  constructor(message: string, options: ErrorOptions & { readonly status?: number } = {}) {
    super(message, options);
    this.status = options.status;
  }
}

/** Key sets and discovery documents have tens of kilobytes at most. */
const maxAnswerBytes = 256 * 1024;

/** From the first byte sent to the last one received. */
const answerTimeoutMs = 5_000;

/**
 * A JSON object from a server that is trusted only to be who it is: within 5 seconds and 256 KiB, and from nowhere
 * else than was asked (no redirect is followed).
 *
 * @param signal aborted where it takes too long. Default: after 5 seconds
 * @throws NoJsonError
 */
export async function fetchJson(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  signal: AbortSignal = AbortSignal.timeout(answerTimeoutMs),
): Promise<Readonly<Record<string, unknown>>> {
  let status: number | undefined;
  try {
    const response = await fetch(url, {
      headers: { accept: "application/json", ...headers },
      redirect: "manual",
      signal,
    });
    status = response.status;
    if (status !== 200) {
      await response.body?.cancel();
      throw new NoJsonError(`${url} answers ${status}.`, { status });
    }
    const value: unknown = JSON.parse(await readBounded(url, response));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Readonly<Record<string, unknown>>;
  } catch (cause) {
    if (cause instanceof NoJsonError) throw cause;
    const what = status === undefined ? "can't be reached" : "answers no JSON in time";
    throw new NoJsonError(`${url} ${what}.`, { cause, ...(status === undefined ? {} : { status }) });
  }
  throw new NoJsonError(`${url} answers no JSON object.`, { status });
}

async function readBounded(url: string, response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  // Leaving the loop ends the connection.
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxAnswerBytes)
      throw new NoJsonError(`${url} answers more than ${maxAnswerBytes} bytes.`, { status: response.status });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
