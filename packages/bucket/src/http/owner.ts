import type { XmlContent } from "./xml.ts";

/** Whoever has the credentials owns the bucket and all that is in it. */
export const owner: XmlContent = [
  ["ID", "stowage"],
  ["DisplayName", "stowage"],
];
