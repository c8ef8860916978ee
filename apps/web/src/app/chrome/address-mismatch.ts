const loopback: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

export interface AddressMismatch {
  /** The same place under the server's own address. */
  readonly rightAddress: string;
  /** Both are this machine: nobody is asked. Else the right address may be one that this person can't reach. */
  readonly goByItself: boolean;
}

/**
 * A server signs people in under its public URL only: a page under another name of it (127.0.0.1 for localhost, an
 * address of the network for a name) could show nothing but failures.
 */
export function addressMismatch(
  {
    origin,
    hostname,
    pathname,
    search,
    hash,
  }: Pick<Location, "origin" | "hostname" | "pathname" | "search" | "hash">,
  publicUrl: string,
): AddressMismatch | undefined {
  if (!URL.canParse(publicUrl)) return undefined;
  const right = new URL(publicUrl);
  if (right.origin === origin) return undefined;
  return {
    rightAddress: `${right.origin}${pathname}${search}${hash}`,
    goByItself: loopback.has(hostname) && loopback.has(right.hostname),
  };
}
