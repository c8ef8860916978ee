import { knownRendition, renditionName, type VersionFacts } from "@stowage/core";
import type { File } from "@stowage/protocol";
import { timestamp } from "./upload.ts";

type Facts = { readonly sizeBytes: number; readonly sha256: string } & Pick<
  File,
  | "contentType"
  | "takenAt"
  | "width"
  | "height"
  | "thumbhash"
  | "pageCount"
  | "passwordProtected"
  | "durationSeconds"
  | "activeContent"
  | "rendition"
  | "derivatives"
>;

/** What verification learnt of a version, without its keys. */
export const presentFacts = (facts: VersionFacts): Facts => ({
  contentType: facts.contentType,
  sizeBytes: facts.sizeBytes,
  sha256: facts.sha256,
  ...(facts.takenAtMs === undefined ? {} : { takenAt: timestamp(facts.takenAtMs) }),
  ...(facts.width === undefined ? {} : { width: facts.width }),
  ...(facts.height === undefined ? {} : { height: facts.height }),
  ...(facts.thumbhash === undefined ? {} : { thumbhash: facts.thumbhash }),
  ...(facts.pageCount === undefined ? {} : { pageCount: facts.pageCount }),
  ...(facts.passwordProtected ? { passwordProtected: true } : {}),
  ...(facts.durationMs === undefined ? {} : { durationSeconds: facts.durationMs / 1000 }),
  ...(facts.activeContent ? { activeContent: [...facts.activeContent] } : {}),
  ...presentRendition(facts),
  // What others get is told of above, whether or not it was made already.
  derivatives: facts.derivatives
    .filter(({ name }) => name !== renditionName)
    .map(({ name, contentType, width, height, sizeBytes }) => ({
      name,
      contentType,
      width,
      height,
      sizeBytes,
    })),
});

/** What older strippers said is not told: others would get something else. */
function presentRendition(facts: VersionFacts): Pick<Facts, "rendition"> {
  const rendition = knownRendition(facts);
  if (!rendition) return {};
  const { version: _, ...told } = rendition;
  return { rendition: told };
}
