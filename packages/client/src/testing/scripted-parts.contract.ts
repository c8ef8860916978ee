import {
  type MintUrlsRequest,
  maxPartsPerMint,
  type Problem,
  partListSchema,
  type Transfer,
  type WireRequest,
} from "@stowage/protocol";
import { jsonReply, problemOf, type Reply } from "./scripted-reply.contract.ts";
import type { ScriptedStore } from "./scripted-store.contract.ts";
import type { ScriptedUpload } from "./scripted-uploads.contract.ts";

/** Most missing parts that a problem names. */
const maxNamedParts = 1000;

/** The parts of scripted uploads: what is minted, what is there, what is missing. */
export function createScriptedParts(store: ScriptedStore, partSizeBytes: number) {
  const countOf = ({ intent }: ScriptedUpload): number => Math.ceil(intent.sizeBytes / partSizeBytes);
  const sizeOf = ({ intent }: ScriptedUpload, partNumber: number): number =>
    Math.min(partSizeBytes, intent.sizeBytes - (partNumber - 1) * partSizeBytes);

  return {
    transfer: (upload: ScriptedUpload): Transfer => ({
      kind: "multipart",
      partSizeBytes,
      partCount: countOf(upload),
    }),
    mint(upload: ScriptedUpload, parts: NonNullable<MintUrlsRequest["parts"]>): WireRequest[] | Problem {
      if (parts.length > maxPartsPerMint || parts.some(({ partNumber }) => partNumber > countOf(upload)))
        return problemOf("validation-failed", "There are not so many parts.");
      upload.multipartId ??= store.multiparts.begin(upload.key);
      const { multipartId } = upload;
      return parts.map(({ partNumber, sha256 }) =>
        store.presignPart(upload.key, {
          multipartId,
          partNumber,
          sizeBytes: sizeOf(upload, partNumber),
          sha256,
        }),
      );
    },
    list({ multipartId = "" }: ScriptedUpload): Reply {
      const items = [...(store.multiparts.parts(multipartId) ?? [])]
        .sort(([a], [b]) => a - b)
        .map(([partNumber, { bytes, etag, sha256 }]) => ({
          partNumber,
          sizeBytes: bytes.length,
          etag,
          sha256,
        }));
      return jsonReply(200, partListSchema, { items });
    },
    /** Joins the parts, or names those that are missing. */
    complete(upload: ScriptedUpload): Problem | undefined {
      const { multipartId = "" } = upload;
      const there = store.multiparts.parts(multipartId);
      if (!there && store.objects.has(upload.key)) return undefined;
      // What the store has forgotten begins anew.
      if (!there) delete upload.multipartId;
      const missingParts = Array.from({ length: countOf(upload) }, (_, index) => index + 1).filter(
        (partNumber) => there?.get(partNumber)?.bytes.length !== sizeOf(upload, partNumber),
      );
      if (missingParts.length === 0) {
        store.multiparts.complete(multipartId);
        return undefined;
      }
      return problemOf("parts-missing", `${missingParts.length} parts are missing.`, {
        missingParts: missingParts.slice(0, maxNamedParts),
      });
    },
  };
}
