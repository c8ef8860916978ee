/**
 * The client has its own retries, and knows better than the browser whether the server can be reached: one on this
 * machine needs no network.
 */
export const always = { retry: false, networkMode: "always", staleTime: 30_000 } as const;
