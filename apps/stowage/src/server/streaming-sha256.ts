import { createHash } from "node:crypto";
import type { StreamingSha256 } from "@stowage/core";

export function newSha256(): StreamingSha256 {
  const hash = createHash("sha256");
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digestHex: () => hash.digest("hex"),
  };
}
