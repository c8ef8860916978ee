/** However often something is scraped, the database is asked for it this often at most. */
const maxAgeMs = 5_000;

/**
 * What `read` answers, asked again once it is five seconds old. A database that is away says nothing, `undefined`, and all else is
 * told all the same.
 */
export function readNowAndThen<Value>(read: () => Promise<Value>): () => Promise<Value | undefined> {
  let known: { readonly atMs: number; readonly value: Promise<Value> } | undefined;
  return () => {
    const now = performance.now();
    if (!known || now - known.atMs >= maxAgeMs) known = { atMs: now, value: read() };
    return known.value.catch(() => undefined);
  };
}
