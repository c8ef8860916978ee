import type { DerivativeRecord, Rendition } from "../file.ts";
import { laterDerivativeKey } from "../keys.ts";
import { lateWriterMs, longestClaimWaitMs } from "../limits.ts";
import type {
  AskDerivativeOutcome,
  AskDerivatives,
  DerivativeClaim,
  DerivativeCommands,
  DerivativeOfVersion,
  OrderedDerivative,
} from "../ports/derivative-commands.ts";
import {
  appendAudit,
  doom,
  type MakeRow,
  type MemoryTables,
  nextDerivativeTurn,
} from "./memory-metadata-store-tables.ts";

export const makeKey = ({ fileId, version, name, page }: DerivativeOfVersion): string =>
  JSON.stringify([fileId, version, name, page]);

/** Commands over derivatives that are made after their version was ready. */
export function memoryDerivativeCommands(tables: MemoryTables): DerivativeCommands {
  const { clock, files, makes } = tables;

  const findHeld = (claim: DerivativeClaim): MakeRow | undefined => {
    const row = makes.get(makeKey(claim));
    return row?.isHeld && row.attempt === claim.attempt ? row : undefined;
  };

  const drop = (row: MakeRow): void => {
    makes.delete(makeKey(row));
    forgetKey(tables, row);
    if (row.made) doom(tables, { key: row.made.key, notBeforeMs: clock.nowMs() });
  };

  function ask(order: OrderedDerivative, limits: AskDerivatives): AskDerivativeOutcome {
    const file = files.get(order.fileId);
    const version = file?.versions.get(order.version);
    if (!file || !version || file.record.state !== "ready") return { outcome: "missing" };
    const own = version.facts.derivatives.find(({ name }) => order.page === 0 && name === order.name);
    if (own?.madeAs === order.madeAs) return { outcome: "made", derivative: own };
    const row = makes.get(makeKey(order));
    if (row?.madeAs === order.madeAs) {
      if (row.state === "made" && row.made) return { outcome: "made", derivative: row.made };
      return row.state === "failed" ? { outcome: "failed", detail: row.detail } : { outcome: "waiting" };
    }
    const ownerId = limits.chargedTo ?? file.record.ownerId;
    const rows = [...makes.values()];
    const ofVersion = rows.filter(
      ({ fileId, version: number }) => fileId === order.fileId && number === order.version,
    );
    const waiting = rows.filter((each) => each.ownerId === ownerId && each.state === "waiting");
    if (!row && ofVersion.length >= (limits.maxPerVersion ?? Number.POSITIVE_INFINITY))
      return { outcome: "too-many" };
    if (row?.state !== "waiting" && waiting.length >= (limits.maxWaitingPerOwner ?? Number.POSITIVE_INFINITY))
      return { outcome: "too-many" };
    if (row) forgetKey(tables, row);
    const { fileId, version: number, name, page, madeAs } = order;
    makes.set(makeKey(order), {
      ...{ fileId, version: number, name, page, madeAs, ownerId },
      state: "waiting",
      attempt: row?.attempt ?? 0,
      failedAttempts: 0,
      leaseUntilMs: clock.nowMs(),
      turn: row?.state === "waiting" ? row.turn : nextDerivativeTurn(tables, ownerId),
      isHeld: false,
      detail: "",
      ...(row?.made ? { made: row.made } : {}),
    });
    appendAudit(tables, limits.actor, "derivative.asked", fileId);
    return { outcome: "asked" };
  }

  return {
    async askDerivatives(command) {
      return command.orders.map((order) => ask(order, command));
    },

    async claimDerivative({ leaseMs, keyPart }) {
      const nowMs = clock.nowMs();
      for (const row of [...makes.values()])
        if (row.state === "waiting" && row.leaseUntilMs <= nowMs && !isReady(tables, row)) drop(row);
      const waiting = [...makes.values()]
        .filter((row) => row.state === "waiting")
        .sort(
          (one, other) => one.leaseUntilMs - other.leaseUntilMs || (makeKey(one) < makeKey(other) ? -1 : 1),
        );
      const farthestMs = nowMs + Math.max(leaseMs, longestClaimWaitMs);
      const [next] = waiting
        .filter(({ leaseUntilMs }) => leaseUntilMs <= nowMs)
        .sort((one, other) => one.turn - other.turn);
      const row = next ?? waiting.findLast(({ leaseUntilMs }) => leaseUntilMs > farthestMs);
      const contentKey = row && files.get(row.fileId)?.versions.get(row.version)?.facts.key;
      if (!row || contentKey === undefined) return undefined;
      forgetKey(tables, row);
      tables.claimedTurns.derivatives = Math.max(tables.claimedTurns.derivatives, row.turn);
      const attempt = row.attempt + 1;
      const key = laterDerivativeKey(contentKey, { ...row, attempt, keyPart });
      const failedAttempts = row.failedAttempts + 1;
      makes.set(makeKey(row), {
        ...row,
        ...{ attempt, failedAttempts, key },
        leaseUntilMs: nowMs + leaseMs,
        isHeld: true,
      });
      const { fileId, version, name, page, madeAs } = row;
      return { fileId, version, name, page, madeAs, attempt, failedAttempts, key };
    },

    async renewDerivative({ leaseMs, ...claim }) {
      const row = findHeld(claim);
      if (row) makes.set(makeKey(row), { ...row, leaseUntilMs: clock.nowMs() + leaseMs });
      return row !== undefined;
    },

    async releaseDerivative({ retryInMs, consumed, ...claim }) {
      const row = findHeld(claim);
      if (!row) return false;
      forgetKey(tables, row);
      const { key: _, ...rest } = row;
      makes.set(makeKey(row), {
        ...rest,
        isHeld: false,
        leaseUntilMs: clock.nowMs() + retryInMs,
        failedAttempts: row.failedAttempts - (consumed ? 0 : 1),
        turn: consumed ? row.turn : nextDerivativeTurn(tables, row.ownerId),
      });
      return true;
    },

    async finishDerivative({ result, rendition, replacedNotBeforeMs, ...claim }) {
      const row = findHeld(claim);
      if (!row) return "stale";
      const { key: _, made, ...rest } = row;
      const ended = { ...rest, isHeld: false };
      if (rendition) {
        const gone = keepRendition(tables, row, rendition, result.kind !== "made");
        if (gone) doom(tables, { key: gone.key, notBeforeMs: replacedNotBeforeMs });
      }
      if (result.kind !== "made") {
        if (row.key !== undefined) doom(tables, { key: row.key, notBeforeMs: clock.nowMs() });
        if (made) doom(tables, { key: made.key, notBeforeMs: replacedNotBeforeMs });
        if (result.kind === "dropped") makes.delete(makeKey(row));
        else makes.set(makeKey(row), { ...ended, state: "failed", detail: result.detail });
      } else {
        const { derivative } = result;
        const replaced = row.page === 0 ? replaceOwn(tables, row, derivative) : made;
        if (replaced) doom(tables, { key: replaced.key, notBeforeMs: replacedNotBeforeMs });
        if (row.page === 0) makes.delete(makeKey(row));
        else makes.set(makeKey(row), { ...ended, state: "made", made: derivative });
      }
      appendAudit(tables, "system", `derivative.${result.kind}`, row.fileId);
      return "finished";
    },

    async forgetFailedDerivatives(versions) {
      const isOne = (row: MakeRow) =>
        versions.some(({ fileId, version }) => fileId === row.fileId && version === row.version);
      const failed = [...makes.values()].filter((row) => row.state === "failed" && isOne(row));
      for (const row of failed) {
        makes.delete(makeKey(row));
        appendAudit(tables, "system", "derivative.forgotten", row.fileId);
      }
      return failed.length;
    },

    async countWaitingDerivatives(limit) {
      const since = [...makes.values()]
        .filter(({ state, leaseUntilMs }) => state === "waiting" && leaseUntilMs <= clock.nowMs())
        .map(({ leaseUntilMs }) => leaseUntilMs)
        .sort((one, other) => one - other);
      const [waitingSinceMs] = since;
      return {
        waiting: Math.min(limit, since.length),
        ...(waitingSinceMs === undefined ? {} : { waitingSinceMs }),
      };
    },
  };
}

const isReady = ({ files }: MemoryTables, { fileId }: MakeRow): boolean =>
  files.get(fileId)?.record.state === "ready";

/** What an attempt that is lost was to write. */
function forgetKey(tables: MemoryTables, { key }: MakeRow): void {
  if (key !== undefined) doom(tables, { key, notBeforeMs: tables.clock.nowMs() + lateWriterMs });
}

/** Answers the one that the version had. */
function replaceOwn(
  { files }: MemoryTables,
  { fileId, version: number, name }: MakeRow,
  derivative: DerivativeRecord,
): DerivativeRecord | undefined {
  const file = files.get(fileId);
  const version = file?.versions.get(number);
  if (!file || !version) throw new Error("a version vanished");
  const { derivatives } = version.facts;
  const replaced = derivatives.find((each) => each.name === name);
  const facts = {
    ...version.facts,
    derivatives: replaced
      ? derivatives.map((each) => (each === replaced ? derivative : each))
      : [...derivatives, derivative],
  };
  files.set(fileId, { ...file, versions: new Map([...file.versions, [number, { ...version, facts }]]) });
  return replaced;
}

/** Answers the derivative that goes, where nothing was made. */
function keepRendition(
  { files }: MemoryTables,
  { fileId, version: number, name }: MakeRow,
  rendition: Rendition,
  isAlone: boolean,
): DerivativeRecord | undefined {
  const file = files.get(fileId);
  const version = file?.versions.get(number);
  if (!file || !version) throw new Error("a version vanished");
  const gone = isAlone ? version.facts.derivatives.find((each) => each.name === name) : undefined;
  const derivatives = version.facts.derivatives.filter((each) => each !== gone);
  const facts = { ...version.facts, rendition, derivatives };
  files.set(fileId, { ...file, versions: new Map([...file.versions, [number, { ...version, facts }]]) });
  return gone;
}

/** Of a version that is purged. */
export function purgeMakes(tables: MemoryTables, fileId: string, version: number): void {
  for (const row of [...tables.makes.values()]) {
    if (row.fileId !== fileId || row.version !== version) continue;
    tables.makes.delete(makeKey(row));
    forgetKey(tables, row);
    if (row.made) doom(tables, { key: row.made.key, notBeforeMs: tables.clock.nowMs() });
  }
}
