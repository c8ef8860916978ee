import type { LinkRecord } from "@stowage/core";
import type { Link } from "@stowage/protocol";
import { timestamp } from "./upload.ts";

/** A link as who made it sees it: its token is not among what is known of it. */
export const presentLink = (link: LinkRecord): Link => ({
  id: link.id,
  createdAt: timestamp(link.createdAtMs),
  expiresAt: timestamp(link.endsAtMs),
  hasPassphrase: link.hasPassphrase,
  ...(link.maxOpens === undefined ? {} : { maxOpens: link.maxOpens }),
  opens: link.opens,
});
