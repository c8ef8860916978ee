import { createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import type { Secrets } from "../secrets.ts";
import type { CheckpointKey } from "./checkpoint.ts";

/** What stands before the 32 bytes of an Ed25519 private key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Ed25519 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The key that signs a data directory's checkpoints: the same at every start, and after a restore, since it follows from the
 * master key. Who has that can sign, too.
 */
export function checkpointKeyOf({ masterKey }: Pick<Secrets, "masterKey">): CheckpointKey {
  const seed = hkdfSync("sha256", Buffer.from(masterKey, "base64"), "", "stowage audit checkpoints", 32);
  const privateKey = createPrivateKey({
    key: Buffer.concat([pkcs8Ed25519, Buffer.from(seed)]),
    format: "der",
    type: "pkcs8",
  });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}
