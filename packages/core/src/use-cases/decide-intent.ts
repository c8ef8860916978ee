import { singlePutLimitBytes } from "@stowage/protocol";
import type { VersionOfFile } from "../file.ts";
import { defaultProfile, type Profile } from "../profile.ts";
import type { Refusal } from "../refusal.ts";
import type { Metadata } from "../upload.ts";
import type { Visibility } from "./choose-audience.ts";

/** What a client says of a file that it wants to send. */
export interface FileIntent {
  readonly ref?: string | undefined;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly sha256?: string | undefined;
  readonly profile?: string | undefined;
  readonly metadata?: Metadata | undefined;
  /** The version whose place it is to take. */
  readonly replaces?: VersionOfFile | undefined;
  /** Default: the profile's. */
  readonly visibility?: Visibility | undefined;
  /** The album that it is to be in. */
  readonly albumId?: string | undefined;
}

export type IntentDecision =
  /** `inParts`: too large for a single PUT. */
  | { readonly accepted: true; readonly profile: Profile; readonly inParts: boolean }
  | { readonly accepted: false; readonly refusal: Refusal };

const refuse = (refusal: Refusal): IntentDecision => ({ accepted: false, refusal });

/** Whether a profile takes such a file at all. Pure: quotas are decided where they are counted. */
export function decideIntent(profiles: ReadonlyMap<string, Profile>, intent: FileIntent): IntentDecision {
  const profileName = intent.profile ?? defaultProfile.name;
  const profile = profiles.get(profileName);
  if (!profile)
    return refuse({
      code: "validation-failed",
      member: "profile",
      detail: `There is no profile "${profileName}"; there are: ${[...profiles.keys()].join(", ")}.`,
    });
  const maxSizeBytes = profile.maxSizeBytesByType.get(intent.contentType);
  if (maxSizeBytes === undefined)
    return refuse({
      code: "type-not-allowed",
      member: "contentType",
      detail: `Files of type ${intent.contentType} are not taken here; these are: ${[...profile.maxSizeBytesByType.keys()].join(", ")}.`,
    });
  if (intent.sizeBytes > maxSizeBytes)
    return refuse({
      code: "file-too-large",
      member: "sizeBytes",
      detail: `The file has ${intent.sizeBytes} bytes; ${intent.contentType} may have at most ${maxSizeBytes}.`,
    });
  if (intent.sizeBytes === 0)
    return refuse({ code: "validation-failed", member: "sizeBytes", detail: "The file is empty." });
  const inParts = intent.sizeBytes > singlePutLimitBytes;
  if (!inParts && intent.sha256 === undefined)
    return refuse({
      code: "validation-failed",
      member: "sha256",
      detail: "A file that is sent in one PUT needs its SHA-256 (64 lower-case hexadecimal digits).",
    });
  return { accepted: true, profile, inParts };
}
