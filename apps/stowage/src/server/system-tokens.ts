import { hash, randomBytes } from "node:crypto";
import type { TokenSource } from "@stowage/core";

export const systemTokens: TokenSource = {
  newToken: () => randomBytes(32).toString("base64url"),
  digestOf: (token) => hash("sha256", token, "hex"),
};
