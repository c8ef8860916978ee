import {
  createUploads,
  multipartKey,
  newStoragePrefix,
  type Principal,
  type ServicePorts,
} from "@stowage/core";
import { digestOf, nameOf } from "./content.testing.ts";
import { filmPartBytes, type Intent } from "./predict-sending.testing.ts";
import { answerOf, type Real } from "./start-process.testing.ts";

export async function announce(
  services: ServicePorts,
  person: Principal,
  { content, ref, isAllowed, replaces }: Intent,
): Promise<Real> {
  const [answer] = await createUploads(services, person, [
    {
      ref,
      name: nameOf(content),
      sizeBytes: content.sizeBytes,
      contentType: isAllowed ? content.type : "text/html",
      sha256: digestOf(content),
      replaces,
    },
  ]);
  if (!answer) throw new Error("There was no answer.");
  return "refusal" in answer ? { said: answer.refusal.code } : answerOf(answer);
}

/**
 * What `createUploads` does for a file that is too large for one PUT; with parts of S3's smallest size, so that such a
 * file need not be larger than that.
 *
 * @param refusal why the version can't be replaced, as `createUploads` would find it
 */
export async function announceFilm(
  { metadata, ids, limits }: ServicePorts,
  person: Principal,
  { content, ref, isSilent, replaces }: Intent,
  refusal: string | undefined,
): Promise<Real> {
  if (refusal !== undefined && ref === undefined) return { said: refusal };
  const storagePrefix = newStoragePrefix(ids);
  const [outcome] = await metadata.createUploads({
    ownerId: person.id,
    quotaBytes: limits.quotaBytes,
    maxOpenUploads: limits.openUploads,
    uploadLifetimeMs: limits.uploadLifetimeSeconds * 1000,
    urlLifetimeMs: limits.urlLifetimeSeconds * 1000,
    items: [
      {
        id: ids.newId(),
        fileId: ids.newId(),
        ...(ref === undefined ? {} : { ref }),
        name: nameOf(content),
        sizeBytes: content.sizeBytes,
        contentType: content.type,
        ...(isSilent ? {} : { sha256: digestOf(content) }),
        profile: "default",
        metadata: {},
        landingKey: multipartKey({ storagePrefix }),
        storagePrefix,
        ...(replaces ? { replaces } : {}),
        ...(refusal === undefined ? {} : { repeatsOnly: true }),
        multipart: { partSizeBytes: filmPartBytes },
      },
    ],
  });
  if (!outcome) throw new Error("There was no answer.");
  if (outcome.outcome === "not-repeated") return { said: refusal ?? outcome.outcome };
  return {
    said: "upload" in outcome && outcome.outcome !== "ref-reused" ? outcome.upload.state : outcome.outcome,
  };
}
