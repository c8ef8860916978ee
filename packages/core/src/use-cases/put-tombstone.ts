import { StoreUnavailableError } from "../ports/object-store.ts";
import type { ServicePorts } from "./ports.ts";

/** SHA-256 of no bytes. */
const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Puts an empty object under a landing key that nothing shall land on any more, so that a URL that still lives gets
 * 412. The key has been doomed before.
 *
 * @returns whether the URL is dead: not where the store does not enforce that, or can't be reached
 */
export async function putTombstone(
  { objects }: Pick<ServicePorts, "objects">,
  landingKey: string,
): Promise<boolean> {
  if (!objects.capabilities.enforcesIfNoneMatch) return false;
  try {
    await objects.put({
      key: landingKey,
      body: new Uint8Array(0),
      contentType: "application/octet-stream",
      sha256: emptySha256,
      ifAbsent: true,
    });
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false;
    throw error;
  }
}
