import type { ObjectStoreCapabilities } from "@stowage/core";

/**
 * What the embedded bucket does, as its own tests and embedded-store.test-slow.ts hold it to. Known, so that no start waits
 * for a probe to find it out (docs/decisions/0004).
 */
export const embeddedCapabilities: ObjectStoreCapabilities = {
  enforcesChecksum: true,
  enforcesIfNoneMatch: true,
  enforcesSignedHeaders: true,
  setsSecurityHeaders: true,
};
