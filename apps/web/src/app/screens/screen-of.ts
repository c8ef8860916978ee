/** Which screen an address means. */
export type Screen =
  | { readonly name: "files" }
  /** One file over the others. */
  | { readonly name: "file"; readonly id: string }
  | { readonly name: "trash" }
  | { readonly name: "nowhere" };

export const filesPath = "/";
export const trashPath = "/trash";
/** Of what somebody was sent: a page of its own, for people without an account too. */
export const linkPath = "/l";
export const filePath = (id: string): string => `/files/${encodeURIComponent(id)}`;

/** @param path as it stands in the address bar, escapes included */
export function screenOf(path: string): Screen {
  if (path === filesPath) return { name: "files" };
  if (path.replace(/\/$/, "") === trashPath) return { name: "trash" };
  const id = /^\/files\/([^/]+)\/?$/.exec(path)?.[1];
  if (id === undefined) return { name: "nowhere" };
  try {
    return { name: "file", id: decodeURIComponent(id) };
  } catch {
    // A broken escape names nothing.
    return { name: "nowhere" };
  }
}
