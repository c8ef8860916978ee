import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { passArgon2 } from "./argon2-gate.ts";
import { passwordBytes } from "./password-policy.ts";

/** OWASP's first choice for argon2id: 19 MiB, 2 passes, 1 lane; some 35 ms on a server's core. */
const memoryKib = 19_456;
const passes = 2;
const parallelism = 1;
const saltBytes = 16;
const tagBytes = 32;

const argon2Off = promisify<"argon2id", Argon2Parameters, Buffer>(argon2);
/** On a thread of its own, and never too many at once. */
const deriveTag = (parameters: Argon2Parameters): Promise<Buffer> =>
  passArgon2(() => argon2Off("argon2id", parameters));

/**
 * Hashes a password that the policy has let through.
 *
 * @returns the PHC string `$argon2id$v=19$m=…,t=…,p=…$salt$tag`
 * @throws {PasswordQueueFullError}
 */
export async function hashPassword(password: string): Promise<string> {
  const message = passwordBytes(password);
  if (message === undefined) throw new RangeError("The password was not checked before it was hashed.");
  const nonce = randomBytes(saltBytes);
  const tag = await deriveTag({
    message,
    nonce,
    parallelism,
    tagLength: tagBytes,
    memory: memoryKib,
    passes,
  });
  return phcString(nonce, tag);
}

/**
 * Whether a password is the one that was hashed. Without a hash (no such account, or one without a
 * password) the same work is done for the answer `false`, so that the time tells nothing.
 *
 * @throws {PasswordQueueFullError}
 */
export async function verifyPasswordHash(hash: string | undefined, password: string): Promise<boolean> {
  const message = passwordBytes(password);
  const { parameters, nonce, tag } = parsePhcString(
    hash ?? phcString(randomBytes(saltBytes), randomBytes(tagBytes)),
  );
  const derived = await deriveTag({
    ...parameters,
    message: message ?? new Uint8Array(),
    nonce,
    tagLength: tag.length,
  });
  return timingSafeEqual(derived, tag) && hash !== undefined && message !== undefined;
}

const base64 = (bytes: Buffer): string => bytes.toString("base64").replaceAll("=", "");

const phcString = (nonce: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;

/** The parameters are read from the string, so that raising ours leaves older hashes working. */
function parsePhcString(phc: string) {
  const [, memory, time, lanes, nonce, tag] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc) ?? [];
  if (nonce === undefined || tag === undefined)
    throw new TypeError("A stored password hash is not an argon2id PHC string.");
  return {
    parameters: { memory: Number(memory), passes: Number(time), parallelism: Number(lanes) },
    nonce: Buffer.from(nonce, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}
