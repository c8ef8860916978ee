import { createHash, randomBytes } from "node:crypto";
import type { PassphraseHasher, TokenSource } from "../ports/secrets.ts";

export const testTokens: TokenSource = {
  newToken: () => randomBytes(32).toString("base64url"),
  digestOf: (token) => createHash("sha256").update(token).digest("hex"),
};

/** For tests alone: as quick as a digest. */
export const testPassphrases: PassphraseHasher = {
  hash: async (passphrase) => {
    const salt = randomBytes(8).toString("hex");
    return `${salt}.${testTokens.digestOf(salt + passphrase)}`;
  },
  isRight: async (passphrase, hash) => {
    const [salt = ""] = hash.split(".");
    return hash === `${salt}.${testTokens.digestOf(salt + passphrase)}`;
  },
};
