import { createHash } from "node:crypto";
import type { IssuerDatabase } from "./issuer-database.ts";
import { decideTry, type TryCount, type TryRule } from "./try-limit.ts";

/** What is counted. Only its hash is kept. */
export type TryKey = readonly [
  kind: "account" | "pair" | "known" | "address" | "start" | "sign-up",
  ...of: string[],
];

/** Tries in the database: they outlive a restart, and several processes count together. */
export interface TryCounts {
  /**
   * Counts one try by all of the rules, or by none if one refuses it. Beforehand, so that of many at once no more get
   * through than one after the other would.
   *
   * @returns the longest wait, if it is refused
   */
  begin(
    limits: readonly (readonly [TryKey, TryRule])[],
    nowMs: number,
  ): Promise<{ readonly waitSeconds: number | undefined } | undefined>;
  /** Takes counted tries back. Within `write`. */
  forget(keys: readonly TryKey[]): void;
  /** Takes one try back. Within `write`. */
  takeBack(key: TryKey): void;
  /** Takes back what counts against an account as such. Within `write`. */
  forgetAccount(emailKey: string): void;
  rememberBrowser(browserId: string, accountId: string, nowMs: number): void;
  isKnownBrowser(browserId: string, accountId: string, nowMs: number): boolean;
}

/** The longest that Chromium keeps a cookie. */
export const browserCookieSeconds = 400 * 24 * 3600;
const sweptAtOnce = 50;

export function createTryCounts({ connection, read, write }: IssuerDatabase): TryCounts {
  const find = connection.prepare("SELECT count, last_at, expires_at FROM tries WHERE key = ?");
  const put = connection.prepare(
    `INSERT INTO tries (key, count, last_at, expires_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET count = excluded.count, last_at = excluded.last_at,
       expires_at = excluded.expires_at`,
  );
  const remove = connection.prepare("DELETE FROM tries WHERE key = ?");
  const decrease = connection.prepare("UPDATE tries SET count = count - 1 WHERE key = ? AND count > 0");
  const sweep = connection.prepare(
    `DELETE FROM tries WHERE key IN (SELECT key FROM tries WHERE expires_at <= ? LIMIT ${sweptAtOnce})`,
  );
  const putBrowser = connection.prepare(
    `INSERT INTO known_browsers (browser_hash, account_id, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (browser_hash, account_id) DO UPDATE SET expires_at = excluded.expires_at`,
  );
  const findBrowser = connection.prepare(
    "SELECT 1 FROM known_browsers WHERE browser_hash = ? AND account_id = ? AND expires_at > ?",
  );
  const sweepBrowsers = connection.prepare(
    `DELETE FROM known_browsers WHERE (browser_hash, account_id) IN
       (SELECT browser_hash, account_id FROM known_browsers WHERE expires_at <= ? LIMIT ${sweptAtOnce})`,
  );

  const countOf = (key: TryKey): TryCount | undefined => {
    const row = find.get(hashOf(key));
    return (
      row && {
        count: Number(row.count),
        lastAt: Number(row.last_at),
        expiresAt: Number(row.expires_at),
      }
    );
  };

  return {
    begin: (limits, nowMs) =>
      write(() => {
        const decided = limits.map(([key, rule]) => ({
          key,
          decision: decideTry(countOf(key), rule, nowMs),
        }));
        const refusals = decided.flatMap(({ decision }) => ("waitSeconds" in decision ? [decision] : []));
        if (refusals.length > 0) {
          const isForGood = refusals.some(({ waitSeconds }) => waitSeconds === undefined);
          const longest = Math.max(...refusals.map(({ waitSeconds = 0 }) => waitSeconds));
          return { waitSeconds: isForGood ? undefined : longest };
        }
        sweep.run(nowMs);
        for (const { key, decision } of decided)
          if ("next" in decision)
            put.run(hashOf(key), decision.next.count, decision.next.lastAt, decision.next.expiresAt);
        return undefined;
      }),
    forget: (keys) => {
      for (const key of keys) remove.run(hashOf(key));
    },
    takeBack: (key) => {
      decrease.run(hashOf(key));
    },
    forgetAccount: (emailKey) => {
      remove.run(hashOf(["account", emailKey]));
    },
    rememberBrowser: (browserId, accountId, nowMs) => {
      sweepBrowsers.run(nowMs);
      putBrowser.run(hashOf(["known", browserId]), accountId, nowMs + browserCookieSeconds * 1000);
    },
    isKnownBrowser: (browserId, accountId, nowMs) =>
      read(() => findBrowser.get(hashOf(["known", browserId]), accountId, nowMs)) !== undefined,
  };
}

/** JSON keeps the parts apart, whatever is in them. */
const hashOf = (key: TryKey): Uint8Array => createHash("sha256").update(JSON.stringify(key)).digest();
