import { type Clock, createUuidV7Source, type IdSource, type Limits, type Profile } from "@stowage/core";
import { findFfmpeg } from "@stowage/inspect/find-ffmpeg";
import { takeRandomBytes } from "./random-bytes.ts";
import type { Configuration } from "./settings.ts";

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemIds: IdSource = {
  newId: createUuidV7Source(Date.now, () => takeRandomBytes(10)),
  newKeyPart: () => takeRandomBytes(16).toString("hex") + Date.now().toString(16).padStart(12, "0"),
};

export const profilesOf = ({ profiles }: Configuration): ReadonlyMap<string, Profile> =>
  new Map(profiles.map((profile) => [profile.name, profile]));

/** Whether a worker that starts now finds what it takes frames of videos by. */
export const drawsVideos = (configuration: Configuration): boolean =>
  findFfmpeg(configuration["inspect.ffmpeg"]) !== undefined;

export const limitsOf = (configuration: Configuration): Limits => ({
  quotaBytes: configuration["limits.quotaBytes"],
  guestQuotaBytes: configuration["limits.guestQuotaBytes"],
  guestsQuotaBytes: configuration["limits.guestsQuotaBytes"],
  guestsQuotaFiles: configuration["limits.guestsQuotaFiles"],
  acceptsPerMinute: configuration["limits.acceptsPerMinute"],
  quotaFiles: configuration["limits.quotaFiles"],
  organisationQuotaBytes: configuration["limits.organisationQuotaBytes"],
  organisationQuotaFiles: configuration["limits.organisationQuotaFiles"],
  openUploads: configuration["limits.openUploads"],
  createsPerMinute: configuration["limits.createsPerMinute"],
  requestsPerMinute: configuration["limits.requestsPerMinute"],
  requestsPerMinutePerAddress: configuration["limits.requestsPerMinutePerAddress"],
  urlLifetimeSeconds: configuration["limits.urlLifetimeSeconds"],
  uploadLifetimeSeconds: configuration["limits.uploadLifetimeSeconds"],
});
