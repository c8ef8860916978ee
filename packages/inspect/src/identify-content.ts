import { fileTypeFromFile } from "file-type";
import { canonicalContentType } from "./content-type.ts";

/**
 * Tells a file's type by its bytes alone. Runs in a decoding process only: crafted bytes have stalled such
 * detectors before (CVE-2026-31808).
 *
 * @returns the canonical content type; `undefined` where nothing recognises the bytes
 */
export async function identifyContent(path: string): Promise<string | undefined> {
  try {
    const found = await fileTypeFromFile(path);
    return found && canonicalContentType(found.mime);
  } catch {
    // The detector reads on into containers; what it can't parse to its end is not what it claims to be.
    return undefined;
  }
}
