import type { ClientOptions, FetchInit, FetchResponse } from "../ports.ts";
import { type BytesSource, testPlatform } from "./test-platform.contract.ts";

/**
 * A process that can be killed at any moment: from then on nothing that it waits for comes, and it sends nothing.
 *
 * @param onPut - told of each PUT as it begins; what it answers is told how the PUT ends, unless the process died
 */
export function createMortalPlatform(
  server: string,
  onPut: (url: string) => (status: number | undefined) => void,
  more: Partial<ClientOptions<BytesSource>> = {},
) {
  const life = new AbortController();
  const mortal = <T>(work: (signal: AbortSignal) => Promise<T>, outer?: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      if (life.signal.aborted) return;
      const signals = [life.signal, ...(outer ? [outer as AbortSignal] : [])];
      work(AbortSignal.any(signals)).then(
        (value) => life.signal.aborted || resolve(value),
        (error: unknown) => life.signal.aborted || reject(error),
      );
    });

  const platform = testPlatform(server, more);
  const request = async (url: string, init: FetchInit, signal: AbortSignal): Promise<FetchResponse> => {
    const { status, headers, ...response } = await fetchWhole(url, init, signal);
    return { status, headers, text: async () => response.text };
  };
  const mortalFetch = (url: string, init: FetchInit = {}) =>
    mortal((signal) => request(url, init, signal), init.signal);

  return {
    kill: () => life.abort(),
    platform: {
      ...platform,
      fetch: mortalFetch,
      send: async ({ url, method, headers }, bytes, { signal }) => {
        const end = life.signal.aborted ? () => undefined : onPut(url);
        let status: number | undefined;
        try {
          const response = await mortalFetch(url, { method, headers, body: bytes.body(), signal });
          status = response.status;
          return { status, body: await response.text() };
        } finally {
          end(status);
        }
      },
      clock: {
        ...platform.clock,
        delay: (delayMs, outer) => mortal((signal) => platform.clock.delay(delayMs, signal), outer),
      },
    } satisfies ClientOptions<BytesSource>,
  };
}

async function fetchWhole(url: string, init: FetchInit, signal: AbortSignal) {
  const response = await fetch(url, { ...(init as RequestInit), signal });
  return { status: response.status, headers: response.headers, text: await response.text() };
}
