import {
  type AskDerivativeOutcome,
  type AskDerivatives,
  type DerivativeClaim,
  type DerivativeOfVersion,
  type DerivativeRecord,
  type DerivativeTask,
  laterDerivativeKey,
  lateWriterMs,
  longestClaimWaitMs,
  type MetadataStore,
  type OrderedDerivative,
  type Rendition,
  type VersionOfFile,
  type WaitingDerivatives,
} from "@stowage/core";
import { addAuditEvent, type CommandContext, doom } from "./context.ts";
import { nextTurn, noteClaimedTurn } from "./queue-turns.ts";

type Command<Name extends keyof MetadataStore> = MetadataStore[Name] extends (command: infer C) => unknown
  ? C
  : never;

interface MakeRow {
  file_id: string;
  version: number;
  name: string;
  page: number;
  owner_id: string;
  state: "waiting" | "made" | "failed";
  made_as: string;
  turn: number;
  attempt: number;
  failed_attempts: number;
  key: string | null;
  made_key: string | null;
  record: string | null;
  detail: string;
}

const byPlace = "file_id = ? AND version = ? AND name = ? AND page = ?";
const placeOf = ({ fileId, version, name, page }: DerivativeOfVersion) =>
  [fileId, version, name, page] as const;
const rowPlace = ({ file_id, version, name, page }: MakeRow) => [file_id, version, name, page] as const;

const recordOf = (json: string): DerivativeRecord => JSON.parse(json) as DerivativeRecord;
const recordsOf = (json: string): DerivativeRecord[] => JSON.parse(json) as DerivativeRecord[];

export const askDerivatives = (context: CommandContext, command: AskDerivatives): AskDerivativeOutcome[] =>
  command.orders.map((order) => ask(context, order, command));

function ask(
  context: CommandContext,
  order: OrderedDerivative,
  { actor, maxPerVersion, maxWaitingPerOwner, chargedTo }: AskDerivatives,
): AskDerivativeOutcome {
  const { connection, clock } = context;
  const version = connection.get<{ owner_id: string; derivatives: string }>(
    `SELECT f.owner_id, v.derivatives FROM files f CROSS JOIN versions v ON v.file_id = f.id AND v.version = ?
     WHERE f.id = ? AND f.state = 'ready'`,
    order.version,
    order.fileId,
  );
  if (!version) return { outcome: "missing" };
  const queueOwnerId = chargedTo ?? version.owner_id;
  const own = recordsOf(version.derivatives).find(({ name }) => order.page === 0 && name === order.name);
  if (own?.madeAs === order.madeAs) return { outcome: "made", derivative: own };
  const row = connection.get<MakeRow>(`SELECT * FROM derivative_makes WHERE ${byPlace}`, ...placeOf(order));
  if (row?.made_as === order.madeAs) {
    if (row.state === "made" && row.record !== null)
      return { outcome: "made", derivative: recordOf(row.record) };
    return row.state === "failed" ? { outcome: "failed", detail: row.detail } : { outcome: "waiting" };
  }
  const exceeds = (limit: number | undefined, where: string, ...values: readonly (string | number)[]) =>
    limit !== undefined &&
    (connection.get<{ found: number }>(
      `SELECT count(*) AS found FROM (SELECT 1 FROM derivative_makes WHERE ${where} LIMIT ?)`,
      ...values,
      limit,
    )?.found ?? 0) >= limit;
  if (!row && exceeds(maxPerVersion, "file_id = ? AND version = ?", order.fileId, order.version))
    return { outcome: "too-many" };
  if (
    row?.state !== "waiting" &&
    exceeds(maxWaitingPerOwner, "owner_id = ? AND state = 'waiting'", queueOwnerId)
  )
    return { outcome: "too-many" };
  if (row) doomAttempt(context, row);
  connection.run(
    `INSERT INTO derivative_makes (file_id, version, name, page, owner_id, state, made_as, lease_until, turn)
     VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?6, ?7, ${nextTurn("derivatives", ownersLastTurn("?5"))})
     ON CONFLICT DO UPDATE SET state = 'waiting', made_as = excluded.made_as, lease_until = excluded.lease_until,
       turn = CASE WHEN state = 'waiting' THEN turn ELSE excluded.turn END,
       claim_held = 0, failed_attempts = 0, key = NULL, detail = ''`,
    ...placeOf(order),
    queueOwnerId,
    order.madeAs,
    clock.nowMs(),
  );
  addAuditEvent(context, actor, "derivative.asked", order.fileId);
  return { outcome: "asked" };
}

/** @param owner an expression of the owner's ID */
const ownersLastTurn = (
  owner: string,
): string => `SELECT o.turn FROM derivative_makes o INDEXED BY derivative_makes_waiting
  WHERE o.state = 'waiting' AND o.owner_id = ${owner} ORDER BY o.turn DESC LIMIT 1`;

/** The row that a query of its place finds, with what it is of. */
const selectNext = (place: string): string => `SELECT m.*, f.state AS file_state, v.key AS content_key
  FROM derivative_makes m
  LEFT JOIN files f ON f.id = m.file_id LEFT JOIN versions v ON v.file_id = m.file_id AND v.version = m.version
  WHERE (m.file_id, m.version, m.name, m.page) = (SELECT file_id, version, name, page FROM derivative_makes ${place})`;

const selectDue = `SELECT 1 FROM derivative_makes INDEXED BY derivative_makes_queue
  WHERE state = 'waiting' AND lease_until <= ? LIMIT 1`;

const selectNextTurn = selectNext(`INDEXED BY derivative_makes_turns
  WHERE state = 'waiting' AND turn >= 0 AND lease_until <= ?
  ORDER BY turn, lease_until, file_id, version, name, page LIMIT 1`);

const selectFarthest = selectNext(`INDEXED BY derivative_makes_queue
  WHERE state = 'waiting' AND lease_until > ? ORDER BY lease_until DESC LIMIT 1`);

interface NextRow extends MakeRow {
  file_state: string | null;
  content_key: string | null;
}

export function claimDerivative(
  context: CommandContext,
  { leaseMs, keyPart }: Command<"claimDerivative">,
): DerivativeTask | undefined {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  for (;;) {
    // What has been given back, or is in somebody's hands, is passed over: which is done only where something is due.
    const row = connection.get(selectDue, nowMs)
      ? connection.get<NextRow>(selectNextTurn, nowMs)
      : // Nothing waits for so long: the clock was set back after it was written.
        connection.get<NextRow>(selectFarthest, nowMs + Math.max(leaseMs, longestClaimWaitMs));
    if (!row) return undefined;
    doomAttempt(context, row);
    if (row.file_state !== "ready" || row.content_key === null) {
      dropRow(context, row);
      continue;
    }
    const attempt = row.attempt + 1;
    const key = laterDerivativeKey(row.content_key, { ...row, attempt, keyPart });
    connection.run(
      `UPDATE derivative_makes SET attempt = ?, failed_attempts = failed_attempts + 1, lease_until = ?, claim_held = 1,
         key = ? WHERE ${byPlace}`,
      attempt,
      nowMs + leaseMs,
      key,
      ...rowPlace(row),
    );
    noteClaimedTurn(context, "derivatives", row.turn);
    const { file_id: fileId, version, name, page, made_as: madeAs, failed_attempts } = row;
    return { fileId, version, name, page, madeAs, attempt, failedAttempts: failed_attempts + 1, key };
  }
}

const heldBy = `${byPlace} AND state = 'waiting' AND claim_held = 1 AND attempt = ?`;
const claimOf = (claim: DerivativeClaim) => [...placeOf(claim), claim.attempt] as const;

export const renewDerivative = (
  { connection, clock }: CommandContext,
  command: Command<"renewDerivative">,
): boolean =>
  connection.run(
    `UPDATE derivative_makes SET lease_until = ? WHERE ${heldBy}`,
    clock.nowMs() + command.leaseMs,
    ...claimOf(command),
  ) === 1;

export function releaseDerivative(context: CommandContext, command: Command<"releaseDerivative">): boolean {
  const { connection, clock } = context;
  const row = connection.get<MakeRow>(`SELECT * FROM derivative_makes WHERE ${heldBy}`, ...claimOf(command));
  if (!row) return false;
  doomAttempt(context, row);
  connection.run(
    `UPDATE derivative_makes SET lease_until = ?, claim_held = 0, key = NULL, failed_attempts = failed_attempts - ?
       ${command.consumed ? "" : `, turn = ${nextTurn("derivatives", ownersLastTurn("derivative_makes.owner_id"))}`}
     WHERE ${byPlace}`,
    clock.nowMs() + command.retryInMs,
    command.consumed ? 0 : 1,
    ...rowPlace(row),
  );
  return true;
}

export function finishDerivative(
  context: CommandContext,
  command: Command<"finishDerivative">,
): "finished" | "stale" {
  const { connection, clock } = context;
  const { result, rendition, replacedNotBeforeMs } = command;
  const row = connection.get<MakeRow>(`SELECT * FROM derivative_makes WHERE ${heldBy}`, ...claimOf(command));
  if (!row) return "stale";
  let replacedKey = row.made_key;
  if (result.kind === "made" && row.page === 0) {
    replacedKey = replaceOwn(context, row, result.derivative);
    connection.run(`DELETE FROM derivative_makes WHERE ${byPlace}`, ...rowPlace(row));
  } else if (result.kind === "dropped") {
    connection.run(`DELETE FROM derivative_makes WHERE ${byPlace}`, ...rowPlace(row));
  } else {
    const made = result.kind === "made" ? result.derivative : undefined;
    connection.run(
      `UPDATE derivative_makes SET state = ?, claim_held = 0, key = NULL, made_key = ?, record = ?, detail = ?
       WHERE ${byPlace}`,
      result.kind,
      made?.key ?? null,
      made ? JSON.stringify(made) : null,
      result.kind === "failed" ? result.detail : "",
      ...rowPlace(row),
    );
  }
  if (rendition) {
    const goneKey = keepRendition(context, row, rendition, result.kind !== "made");
    if (goneKey !== undefined) doom(context, goneKey, replacedNotBeforeMs);
  }
  if (result.kind !== "made" && row.key !== null) doom(context, row.key, clock.nowMs());
  if (replacedKey !== null) doom(context, replacedKey, replacedNotBeforeMs);
  addAuditEvent(context, "system", `derivative.${result.kind}`, row.file_id);
  return "finished";
}

/** Puts a derivative in the place of the version's own of that name, whose key it answers. */
function replaceOwn(
  { connection }: CommandContext,
  { file_id, version, name }: MakeRow,
  derivative: DerivativeRecord,
): string | null {
  const found = connection.get<{ derivatives: string }>(
    "SELECT derivatives FROM versions WHERE file_id = ? AND version = ?",
    file_id,
    version,
  );
  if (!found) throw new Error("A version vanished within a transaction.");
  const derivatives = recordsOf(found.derivatives);
  const replaced = derivatives.find((each) => each.name === name);
  const changed = JSON.stringify(
    replaced
      ? derivatives.map((each) => (each === replaced ? derivative : each))
      : [...derivatives, derivative],
  );
  connection.run(
    "UPDATE versions SET derivatives = ? WHERE file_id = ? AND version = ?",
    changed,
    file_id,
    version,
  );
  connection.run("UPDATE files SET derivatives = ? WHERE id = ? AND version = ?", changed, file_id, version);
  return replaced?.key ?? null;
}

/** Keeps what others get of a version. Answers the key of the derivative that goes, where nothing was made. */
function keepRendition(
  { connection }: CommandContext,
  { file_id, version, name }: MakeRow,
  rendition: Rendition,
  isAlone: boolean,
): string | undefined {
  const found = connection.get<{ derivatives: string }>(
    "SELECT derivatives FROM versions WHERE file_id = ? AND version = ?",
    file_id,
    version,
  );
  if (!found) throw new Error("A version vanished within a transaction.");
  const derivatives = recordsOf(found.derivatives);
  const gone = isAlone ? derivatives.find((each) => each.name === name) : undefined;
  const changed = [JSON.stringify(rendition), JSON.stringify(derivatives.filter((each) => each !== gone))];
  connection.run(
    "UPDATE versions SET rendition = ?, derivatives = ? WHERE file_id = ? AND version = ?",
    ...changed,
    file_id,
    version,
  );
  connection.run(
    "UPDATE files SET rendition = ?, derivatives = ? WHERE id = ? AND version = ?",
    ...changed,
    file_id,
    version,
  );
  return gone?.key;
}

/** What an attempt that is lost was to write. */
function doomAttempt(context: CommandContext, { key }: MakeRow): void {
  if (key !== null) doom(context, key, context.clock.nowMs() + lateWriterMs);
}

function dropRow(context: CommandContext, row: MakeRow): void {
  context.connection.run(`DELETE FROM derivative_makes WHERE ${byPlace}`, ...rowPlace(row));
  if (row.made_key !== null) doom(context, row.made_key, context.clock.nowMs());
}

export function forgetFailedDerivatives(context: CommandContext, versions: readonly VersionOfFile[]): number {
  let count = 0;
  for (const { fileId, version } of versions) {
    const forgotten = context.connection.run(
      "DELETE FROM derivative_makes WHERE file_id = ? AND version = ? AND state = 'failed'",
      fileId,
      version,
    );
    for (let each = 0; each < forgotten; each += 1)
      addAuditEvent(context, "system", "derivative.forgotten", fileId);
    count += forgotten;
  }
  return count;
}

export function countWaitingDerivatives(
  { connection, clock }: CommandContext,
  limit: number,
): WaitingDerivatives {
  const { waiting = 0, since } =
    connection.get<{ waiting: number; since: number | null }>(
      `SELECT count(*) AS waiting, min(lease_until) AS since FROM
         (SELECT lease_until FROM derivative_makes INDEXED BY derivative_makes_queue
          WHERE state = 'waiting' AND lease_until <= ? ORDER BY lease_until LIMIT ?)`,
      clock.nowMs(),
      limit,
    ) ?? {};
  return { waiting, ...(typeof since === "number" ? { waitingSinceMs: since } : {}) };
}

/** Of versions that are purged: to be called with the clause that says which. */
export function forgetMakes(
  context: CommandContext,
  where: string,
  ...values: readonly (string | number)[]
): void {
  const rows = context.connection.all<MakeRow>(
    `DELETE FROM derivative_makes WHERE ${where} RETURNING *`,
    ...values,
  );
  for (const row of rows) {
    doomAttempt(context, row);
    if (row.made_key !== null) doom(context, row.made_key, context.clock.nowMs());
  }
}
