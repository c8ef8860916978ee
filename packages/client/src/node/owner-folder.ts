import { createHash } from "node:crypto";
import { join, resolve } from "node:path";

/** An owner's own folder: its name tells nobody whose, and two owners never have the same. */
export const ownerFolder = (directory: string, owner: string): string =>
  resolve(join(directory, createHash("sha256").update(owner).digest("hex").slice(0, 32)));
