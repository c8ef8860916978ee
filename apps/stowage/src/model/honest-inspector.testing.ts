import { type ImageFacts, type Inspection, type Inspector, InspectorUnavailableError } from "@stowage/core";
import { isPoison, sha256Of, takenAtMsOf, typeOf } from "./content.testing.ts";
import { derivativeOf } from "./predict-verification.testing.ts";

/**
 * Hashes every byte, holds them to what was declared, and tells types by first bytes. Why not the real one: it decodes
 * in a child process, tens of milliseconds a picture, and what it says of files is what its own tests are about. Here
 * its answers have to be foretold, and ten thousand steps have to end within minutes.
 */
export const honestInspector = (isAway: boolean): Inspector => ({
  async inspect(request): Promise<Inspection> {
    if (isAway) throw new InspectorUnavailableError("away");
    const chunks: Uint8Array[] = [];
    for await (const chunk of request.body) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    if (isPoison(bytes)) throw new Error("The decoder fell over.");
    const sha256 = sha256Of(bytes);
    const { declaredSha256 = sha256, declaredParts, declaredSizeBytes } = request;
    const isChanged = declaredParts?.sha256s.some((digest, index) => {
      const start = index * declaredParts.sizeBytes;
      return sha256Of(bytes.subarray(start, start + declaredParts.sizeBytes)) !== digest;
    });
    if (bytes.byteLength !== declaredSizeBytes)
      return { verdict: "rejected", code: "size-mismatch", detail: "" };
    if (sha256 !== declaredSha256 || isChanged)
      return { verdict: "rejected", code: "checksum-mismatch", detail: "" };
    if (typeOf(bytes) !== request.declaredContentType)
      return { verdict: "rejected", code: "type-mismatch", detail: "" };
    const isPicture = request.declaredContentType.startsWith("image/");
    return {
      verdict: "accepted",
      sizeBytes: bytes.byteLength,
      sha256,
      contentType: request.declaredContentType,
      ...(isPicture ? { image: imageOf(sha256) } : {}),
      derivatives: (isPicture ? request.derivatives : []).map(({ name }) => {
        const made = derivativeOf(sha256, name);
        return {
          name,
          contentType: "image/webp",
          width: 1,
          height: 1,
          bytes: made,
          sha256: sha256Of(made),
        };
      }),
    };
  },
});

function imageOf(sha256: string): ImageFacts {
  const takenAtMs = takenAtMsOf(sha256);
  return {
    width: 1,
    height: 1,
    ...(takenAtMs === undefined ? {} : { takenAt: new Date(takenAtMs).toISOString() }),
  };
}
