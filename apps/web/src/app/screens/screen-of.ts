/** Which screen an address means. */
export type Screen =
  | { readonly name: "files" }
  /** One file over the others. */
  | { readonly name: "file"; readonly id: string }
  | { readonly name: "trash" }
  | { readonly name: "albums" }
  | { readonly name: "album"; readonly id: string }
  /** What others have shared with one. */
  | { readonly name: "shared" }
  | { readonly name: "nowhere" };

export const filesPath = "/";
export const trashPath = "/trash";
/** Of what somebody was sent: a page of its own, for people without an account too. */
export const linkPath = "/l";
/** Of an invite to an album, the same. */
export const invitePath = "/i";
export const albumsPath = "/albums";
export const sharedPath = "/shared";
export const albumPath = (id: string): string => `${albumsPath}/${encodeURIComponent(id)}`;
export const filePath = (id: string): string => `/files/${encodeURIComponent(id)}`;

/** @param path as it stands in the address bar, escapes included */
export function screenOf(path: string): Screen {
  if (path === filesPath) return { name: "files" };
  const plain = path.replace(/\/$/, "");
  if (plain === trashPath) return { name: "trash" };
  if (plain === albumsPath) return { name: "albums" };
  if (plain === sharedPath) return { name: "shared" };
  const [, kind, id] = /^\/(file|album)s\/([^/]+)$/.exec(plain) ?? [];
  if (id === undefined) return { name: "nowhere" };
  try {
    return { name: kind === "album" ? kind : "file", id: decodeURIComponent(id) };
  } catch {
    // A broken escape names nothing.
    return { name: "nowhere" };
  }
}
