import { createHash } from "node:crypto";
import type { Adapter, AdapterPayload } from "oidc-provider";
import type { IssuerPorts } from "../issuer-ports.ts";

/**
 * A refresh token that was used is good again for this long after its first use: an answer can be lost, and two
 * tabs or processes can refresh at once (RFC 9700 §4.14.2 ends the family of what is used twice).
 */
const refreshReuseSeconds = 30;
/** Rows that one write removes besides its own work: more than it adds, so that they never pile up. */
const sweptAtOnce = 50;
/** A request that found a code in its last second is done with it by then. */
const sweepDelaySeconds = 60;

/** A row of the table, which is STRICT. */
interface RecordRow {
  readonly payload: string;
  readonly used_at: number | null;
}

/**
 * Keeps what the protocol's library remembers (its adapter: https://github.com/panva/node-oidc-provider), in the
 * issuer's database, so that it outlives the process and is shared by several. By hash: an identifier is a secret of
 * whoever holds it. Expired rows are swept along with writes.
 *
 * A record of an account whose sessions were ended after its person signed in is not found any more, also one that
 * was written by a request under way at that moment.
 */
export function createProtocolRecords({ database, now }: IssuerPorts): (model: string) => Adapter {
  const { connection } = database;
  const upsert = connection.prepare(
    `INSERT INTO protocol_records
       (model, id_hash, payload, saved_at, expires_at, account_id, authenticated_at, grant_id, uid)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (model, id_hash) DO UPDATE SET
       payload = excluded.payload, saved_at = excluded.saved_at, expires_at = excluded.expires_at,
       account_id = excluded.account_id, authenticated_at = excluded.authenticated_at,
       grant_id = excluded.grant_id, uid = excluded.uid`,
  );
  const isAlive = `expires_at > ? AND NOT EXISTS (
    SELECT 1 FROM accounts
    WHERE id = account_id AND authenticated_at IS NOT NULL AND authenticated_at <= sessions_ended_at)`;
  const find = connection.prepare(
    `SELECT payload, used_at FROM protocol_records WHERE model = ? AND id_hash = ? AND ${isAlive}`,
  );
  const findByUid = connection.prepare(
    `SELECT payload, used_at FROM protocol_records WHERE uid = ? AND model = ? AND ${isAlive}`,
  );
  // Only the first use counts: the window does not grow with each one.
  const use = connection.prepare(
    "UPDATE protocol_records SET used_at = ? WHERE model = ? AND id_hash = ? AND used_at IS NULL",
  );
  const destroy = connection.prepare("DELETE FROM protocol_records WHERE model = ? AND id_hash = ?");
  const revoke = connection.prepare("DELETE FROM protocol_records WHERE grant_id = ? AND model = ?");
  const sweepExpired = connection.prepare(
    `DELETE FROM protocol_records WHERE sequence IN (
       SELECT sequence FROM protocol_records WHERE expires_at <= ? ORDER BY expires_at LIMIT ${sweptAtOnce})
     RETURNING grant_id`,
  );
  // A grant is there for its code and its tokens.
  const sweepEmptyGrant = connection.prepare(
    `DELETE FROM protocol_records WHERE grant_id = ?1 AND model = 'Grant' AND NOT EXISTS (
       SELECT 1 FROM protocol_records WHERE grant_id = ?1 AND model <> 'Grant')`,
  );
  const sweep = (seconds: number): void => {
    const swept = sweepExpired.all(seconds - sweepDelaySeconds);
    const grants = new Set(swept.map((row) => row.grant_id).filter((id) => id !== null));
    for (const grant of grants) sweepEmptyGrant.run(grant ?? null);
  };

  const nowSeconds = () => Math.floor(now().getTime() / 1000);

  const isUsedUp = (model: string, usedAt: number | null): boolean => {
    if (usedAt === null) return false;
    return model !== "RefreshToken" || now().getTime() > usedAt + refreshReuseSeconds * 1000;
  };

  const toPayload = (model: string, row: RecordRow, id: string | undefined): AdapterPayload => {
    const payload = JSON.parse(row.payload) as AdapterPayload;
    return {
      ...payload,
      ...(id !== undefined && { jti: id }),
      ...(id !== undefined && payload.returnTo?.endsWith("/") && { returnTo: `${payload.returnTo}${id}` }),
      ...(isUsedUp(model, row.used_at) && { consumed: true }),
    };
  };

  return (model) => ({
    async upsert(id, payload, expiresIn) {
      const seconds = nowSeconds();
      const lifeSeconds = expiresIn ?? 0;
      const text = JSON.stringify(withoutSecrets(id, payload));
      await database.write(() => {
        sweep(seconds);
        upsert.run(
          model,
          hashOf(id),
          text,
          seconds,
          seconds + lifeSeconds,
          payload.result?.login?.accountId ?? payload.accountId ?? null,
          authenticatedAt(payload),
          model === "Grant" ? id : (payload.grantId ?? null),
          payload.uid ?? null,
        );
      });
    },
    async find(id) {
      const row = database.read(() => find.get(model, hashOf(id), nowSeconds())) as unknown as
        | RecordRow
        | undefined;
      return row && toPayload(model, row, id);
    },
    async findByUid(uid) {
      const row = database.read(() => findByUid.get(uid, model, nowSeconds())) as unknown as
        | RecordRow
        | undefined;
      return row && toPayload(model, row, undefined);
    },
    // Of the device flow, which is off.
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      await database.write(() => use.run(now().getTime(), model, hashOf(id)));
    },
    async destroy(id) {
      await database.write(() => destroy.run(model, hashOf(id)));
    },
    async revokeByGrantId(grantId) {
      await database.write(() => revoke.run(grantId, model));
    },
  });
}

const hashOf = (id: string): Uint8Array => createHash("sha256").update(id).digest();

/**
 * The record's own identifier is its holder's secret, and so is the session's that an interaction repeats. The address
 * that an interaction returns to ends with its identifier.
 */
function withoutSecrets(id: string, { jti: _, session, returnTo, ...payload }: AdapterPayload): object {
  const { cookie: __, ...place } = session ?? {};
  return {
    ...payload,
    ...(session && { session: place }),
    ...(returnTo !== undefined && {
      returnTo: returnTo.endsWith(id) ? returnTo.slice(0, -id.length) : returnTo,
    }),
  };
}

/** When the person signed in: of a session `loginTs`, of codes and refresh tokens `authTime`. */
function authenticatedAt({ loginTs, authTime, result }: AdapterPayload): number | null {
  return loginTs ?? authTime ?? result?.login?.ts ?? null;
}
