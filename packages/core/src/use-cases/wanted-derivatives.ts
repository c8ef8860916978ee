import { madeAsOf, orderDerivatives } from "../derivative-order.ts";
import type { DerivativeRecord, VersionFacts, VersionOfFile } from "../file.ts";
import type { OrderedDerivative } from "../ports/derivative-commands.ts";
import type { DerivativeSource, DerivativeSpec } from "../ports/inspector.ts";
import { defaultProfile, type Profile } from "../profile.ts";
import { knownRendition, renditionName, renditionPlannedAs } from "../rendition.ts";
import type { Metadata } from "../upload.ts";

/** Which derivatives there are, and what can be drawn. */
export interface Drawing {
  readonly profiles: ReadonlyMap<string, Profile>;
  /**
   * Whether a worker can take frames of videos. Where none can, one of which there is no picture yet is taken for one that shows
   * none: gigabytes are not read to find that out. Default: none can.
   */
  readonly drawsVideos?: boolean;
}

/** What pictures of a version would be made of; `undefined` where it has nothing to be seen. */
export function derivativeSourceOf(
  {
    contentType,
    width,
    passwordProtected,
    derivatives,
  }: Pick<VersionFacts, "contentType" | "width" | "passwordProtected" | "derivatives">,
  drawsVideos = false,
): DerivativeSource | undefined {
  // What others get of its bytes is no picture of it.
  const hasPictures = derivatives.some(({ name }) => name !== renditionName);
  if (contentType.startsWith("video/")) return drawsVideos || hasPictures ? "video" : undefined;
  if (contentType === "application/pdf") return passwordProtected ? undefined : "document";
  return contentType.startsWith("image/") && width !== undefined ? "image" : undefined;
}

/** A derivative as the version's profile has it now, where it has one of that name that can be made of the version. */
export function findSpec(
  { profiles, drawsVideos }: Drawing,
  facts: VersionFacts,
  name: string,
): DerivativeSpec | undefined {
  const source = derivativeSourceOf(facts, drawsVideos);
  return profiles
    .get(facts.profile ?? defaultProfile.name)
    ?.derivatives.find(
      (spec) => spec.name === name && source !== undefined && (spec.of ?? source) === source,
    );
}

/** @param page 0: not one of a document's further pages */
export function orderOf(
  spec: DerivativeSpec,
  { fileId, version }: VersionOfFile,
  metadata: Metadata,
  page: number,
): OrderedDerivative {
  const [order = spec] = orderDerivatives([spec], page === 0 ? metadata : {});
  return { fileId, version, name: spec.name, page, madeAs: madeAsOf(order) };
}

/** Before profiles could be configured there was one, and rows did not say as what its derivatives were made. */
const madeBefore: ReadonlyMap<string, string> = new Map([
  ["thumbnail", "320x320-contain-webp"],
  ["preview", "1600x1600-contain-webp"],
  ["page", "1600x1600-contain-webp"],
]);

const isMadeAs = ({ name, madeAs }: DerivativeRecord, wanted: string): boolean =>
  (madeAs ?? madeBefore.get(name)) === wanted;

/** What a version should have by its profile, and lacks or has otherwise. What is made on ask only: where it has it otherwise. */
export function outdatedDerivatives(
  drawing: Drawing,
  of: VersionOfFile & VersionFacts,
  metadata: Metadata,
): OrderedDerivative[] {
  const { derivatives = [] } = drawing.profiles.get(of.profile ?? defaultProfile.name) ?? {};
  return derivatives.flatMap(({ name, make }) => {
    const spec = findSpec(drawing, of, name);
    if (!spec) return [];
    const order = orderOf(spec, of, metadata, 0);
    const has = of.derivatives.find((made) => made.name === name);
    const isRight = has ? isMadeAs(has, order.madeAs) : make === "ask";
    return isRight ? [] : [order];
  });
}

/** What is to be worked out of a version of which older strippers said what others get, or none. */
export const unknownRendition = ({
  fileId,
  version,
  ...facts
}: VersionOfFile & VersionFacts): OrderedDerivative[] =>
  knownRendition(facts)
    ? []
    : [{ fileId, version, name: renditionName, page: 0, madeAs: renditionPlannedAs }];
