import type { FileVersionRecord } from "@stowage/core";
import type { FileVersion } from "@stowage/protocol";
import { timestamp } from "./upload.ts";
import { presentFacts } from "./version-facts.ts";

/** A version in a history, as a principal who may read the file sees it. */
export const presentFileVersion = (version: FileVersionRecord): FileVersion => ({
  version: version.version,
  state: version.state,
  name: version.name,
  ...presentFacts(version),
  createdAt: timestamp(version.createdAtMs),
  uploadId: version.uploadId,
});
