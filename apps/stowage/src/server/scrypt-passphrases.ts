import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { type PassphraseHasher, RefusedError } from "@stowage/core";

/** RFC 7914: 32 MiB and about a tenth of a second. */
const cost = { N: 2 ** 15, r: 8, p: 1 } as const;
const maxMemoryBytes = 64 * 1024 * 1024;
const saltBytes = 16;
const keyBytes = 32;

/** Two at once: each takes one of the four threads that reads of files need as well. What waits is answered within some seconds. */
const atOnce = 2;
const mostWaiting = 32;

const format = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9_-]+)\$([A-Za-z0-9_-]+)$/;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** `scrypt$N$r$p$salt$key`: one that was made with another cost is checked with that one. */
export function createScryptPassphrases(): PassphraseHasher {
  let running = 0;
  const waiting: (() => void)[] = [];

  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= atOnce) {
      if (waiting.length >= mostWaiting)
        throw new RefusedError({
          code: "unavailable",
          detail: "More passphrases are waiting to be checked than can be soon: try again.",
        });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whoever waited takes over this one's place.
      if (next) next();
      else running -= 1;
    }
  };

  return {
    hash: (passphrase) =>
      inTurn(async () => {
        const salt = randomBytes(saltBytes);
        const key = await derive(passphrase, salt, keyBytes, { ...cost, maxmem: maxMemoryBytes });
        const { N, r, p } = cost;
        return ["scrypt", N, r, p, salt.toString("base64url"), key.toString("base64url")].join("$");
      }),
    isRight: (passphrase, hash) =>
      inTurn(async () => {
        const [, N, r, p, salt = "", kept = ""] = format.exec(hash) ?? [];
        if (N === undefined) throw new Error("A passphrase's hash can't be read.");
        const key = Buffer.from(kept, "base64url");
        const parameters = { N: Number(N), r: Number(r), p: Number(p), maxmem: maxMemoryBytes };
        const found = await derive(passphrase, Buffer.from(salt, "base64url"), key.byteLength, parameters);
        return timingSafeEqual(found, key);
      }),
  };
}
