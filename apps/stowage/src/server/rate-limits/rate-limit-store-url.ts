/** Protocols of stores that several processes can count in, as URLs name them. */
const protocols: ReadonlyMap<string, "redis" | "postgres"> = new Map([
  ["redis:", "redis"],
  ["rediss:", "redis"],
  ["postgres:", "postgres"],
  ["postgresql:", "postgres"],
]);

/** Which kind of store a URL names, with a host or, of PostgreSQL, the folder of its socket; `undefined` where it names none. */
export function storeKindOf(text: string): "redis" | "postgres" | undefined {
  const url = URL.parse(text);
  const kind = protocols.get(url?.protocol ?? "");
  const hasHost = url?.hostname !== "" || (kind === "postgres" && url.searchParams.has("host"));
  return hasHost ? kind : undefined;
}

/** Where it is, for people: no user, no password, nothing else that could be one. */
export function storeAddressOf(text: string): string {
  const { protocol, host, pathname, searchParams } = new URL(text);
  return `${protocol}//${host || (searchParams.get("host") ?? "")}${pathname}`;
}
