/** Where a clamd listens: its LocalSocket, or its TCPAddr and TCPSocket. */
export type ClamdAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** What a socket's address has room for, on Linux. */
const maxPathBytes = 107;

/** Reads `/run/clamav/clamd.ctl`, `127.0.0.1:3310`, `[::1]:3310` or `scanner.internal:3310`; nothing of anything else. */
export function parseClamdAddress(text: string): ClamdAddress | undefined {
  if (text.startsWith("/"))
    return Buffer.byteLength(text) <= maxPathBytes && !text.includes("\0") ? { path: text } : undefined;
  const [, bracketed, name, digits] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? name;
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

export const describeClamdAddress = (address: ClamdAddress): string => {
  if ("path" in address) return address.path;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
};
