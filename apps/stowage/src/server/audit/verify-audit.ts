import { createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type AuditVerification, createAuditVerification } from "@stowage/core";
import { type CommandContext, CommandError, type ExitStatus, UsageError } from "../../cli/command.ts";
import { escapeText, jsonLine } from "../../cli/escape-text.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { isSystemError, sentenceOfSystemError } from "../../cli/system-error.ts";
import { readConfiguration } from "../configuration.ts";
import { isDataDirectoryLocked } from "../data-directory-lock.ts";
import { readRunning, readStartedAtMs } from "../running.ts";
import { runningConfiguration } from "../running-settings.ts";
import { readSecrets } from "../secrets.ts";
import { isSignedBy, type SignedCheckpoint } from "./checkpoint.ts";
import { checkpointFileOf, type ReadCheckpoints, readCheckpoints } from "./checkpoint-file.ts";
import { checkpointKeyOf } from "./checkpoint-key.ts";
import { describeFault, timeOf, type VerificationFault } from "./describe-audit-fault.ts";
import { sha256OfText } from "./keep-audit-chain.ts";
import { readAuditExport } from "./read-audit-export.ts";
import { withAuditLog } from "./with-audit-log.ts";

export interface VerifyAuditOptions {
  readonly exportFile: string | undefined;
  readonly checkpointFile: string | undefined;
  readonly publicKeyFile: string | undefined;
  /** The sequence that an export is to begin behind. */
  readonly after: number;
  readonly isStrict: boolean;
}

/** A sequencer comes by every second, and writes a checkpoint every minute. */
const lateMs = 5 * 60_000;

interface Verified extends AuditVerification {
  /** What is wrong beside the log itself. */
  readonly besideFaults: readonly VerificationFault[];
  /** From when on a server could have seen to events, and until when; absent where that is not known. */
  readonly served?: { readonly sinceMs: number; readonly untilMs: number };
}

/**
 * Verifies what a command means; faults on standard output, a summary on standard error.
 *
 * @throws CommandError, UsageError where it can't
 */
export async function verifyAudit(context: CommandContext, o: VerifyAuditOptions): Promise<ExitStatus> {
  const inPlace = (path: string) => resolve(context.cwd, path);
  const isOfExport = o.exportFile !== undefined;
  const file =
    o.checkpointFile !== undefined
      ? inPlace(o.checkpointFile)
      : isOfExport
        ? undefined
        : await configuredCheckpointFile(dataDirOf(context));
  const read = file === undefined ? none : await readFileOr(file, o.checkpointFile === undefined);
  const publicKey =
    read.checkpoints.length === 0
      ? undefined
      : await publicKeyOf(context, o.publicKeyFile && inPlace(o.publicKeyFile));
  const [signed, forged] = partition(
    read.checkpoints,
    (checkpoint) => publicKey !== undefined && isSignedBy(publicKey, checkpoint),
  );
  const verification = isOfExport
    ? await verifyExport(inPlace(o.exportFile ?? ""), o.after, signed)
    : await verifyDatabase(dataDirOf(context), signed);
  const faults: VerificationFault[] = [
    ...verification.faults,
    ...forged.map((checkpoint) => ({ kind: "forged", checkpoint }) as const),
    ...verification.besideFaults,
    ...missingCheckpoints(verification, isOfExport ? undefined : file, signed),
    ...lateFaults(verification, o.isStrict, file !== undefined && signed.length > 0),
  ];
  const faultCount = faults.length + verification.faultCount - verification.faults.length;
  for (const fault of faults) context.out(context.json ? jsonLine(fault) : describeFault(fault, publicKey));
  tell(context, { verification, faultCount, told: faults.length, read, file });
  return faultCount > 0 ? 1 : 0;
}

const none: ReadCheckpoints = { checkpoints: [], unreadableLines: [] };

async function configuredCheckpointFile(dataDir: string): Promise<string> {
  const { values } = await readConfiguration(dataDir, []);
  const last = await readRunning(dataDir);
  return checkpointFileOf(dataDir, last?.settings ? runningConfiguration(last.settings, values) : values);
}

async function readFileOr(file: string, mayBeMissing: boolean): Promise<ReadCheckpoints> {
  try {
    return await readCheckpoints(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (mayBeMissing && error.code === "ENOENT") return none;
    throw new CommandError(`${escapeText(file)}: ${sentenceOfSystemError(error)}`, 1, { cause: error });
  }
}

/** @throws UsageError where there is none */
async function publicKeyOf(context: CommandContext, file: string | undefined): Promise<KeyObject> {
  if (file === undefined) {
    const secrets = await readSecrets(dataDirOf(context));
    if (secrets) return checkpointKeyOf(secrets).publicKey;
    throw new UsageError(
      `Say whose signatures count: --public-key FILE, which ${context.program} audit public-key prints on the server's machine, or --data DIR.`,
    );
  }
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CommandError(`${escapeText(file)}: ${sentenceOfSystemError(error)}`, 1, { cause: error });
  }
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch (cause) {
    throw new CommandError(`${escapeText(file)} holds no public key in PEM.`, 1, { cause });
  }
  throw new CommandError(`${escapeText(file)} holds no Ed25519 key.`);
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  const parts: [Item[], Item[]] = [[], []];
  for (const item of items) parts[isFirst(item) ? 0 : 1].push(item);
  return parts;
}

const verifyDatabase = (dataDir: string, checkpoints: readonly SignedCheckpoint[]): Promise<Verified> =>
  withAuditLog(dataDir, async (log) => {
    const runsSinceMs = isDataDirectoryLocked(dataDir) ? await readStartedAtMs(dataDir) : undefined;
    const verification = createAuditVerification({ sha256: sha256OfText, checkpoints });
    // From the very first row on: one that was put before the first event is a fault.
    for (const event of log.eventsAfter(Number.NEGATIVE_INFINITY)) verification.add(event);
    return {
      ...verification.end(log),
      besideFaults: [
        ...log.foreignParts.map((part) => ({ kind: "foreign", part }) as const),
        ...log.damage.map((found) => ({ kind: "damaged", found }) as const),
      ],
      ...(runsSinceMs === undefined ? {} : { served: { sinceMs: runsSinceMs, untilMs: Date.now() } }),
    };
  });

async function verifyExport(
  file: string,
  saidAfter: number,
  checkpoints: readonly SignedCheckpoint[],
): Promise<Verified> {
  const { start, events } = await readAuditExport(file);
  const verification = createAuditVerification({ sha256: sha256OfText, checkpoints, after: start });
  for await (const event of events) verification.add(event);
  const { sequence: after } = start;
  return {
    ...verification.end(),
    besideFaults: after === saidAfter ? [] : [{ kind: "begins-elsewhere", after, saidAfter }],
  };
}

/** A log that goes on for a while has checkpoints; who takes them away takes them all. */
function missingCheckpoints(
  { uncoveredSinceMs, lastEventAtMs = 0 }: AuditVerification,
  file: string | undefined,
  signed: readonly SignedCheckpoint[],
): VerificationFault[] {
  if (file === undefined || signed.length > 0 || uncoveredSinceMs === undefined) return [];
  return lastEventAtMs - uncoveredSinceMs > lateMs ? [{ kind: "no-checkpoints", file }] : [];
}

/**
 * Events that ought to have a place and a checkpoint by now. Where a server runs, five minutes after they happened, or after its start: they
 * may be of one that was killed. Where none does, and of an export, nobody sees to them: what counts is for how long events came after them.
 */
function lateFaults(
  {
    unchainedSinceMs = Number.POSITIVE_INFINITY,
    uncoveredSinceMs = Number.POSITIVE_INFINITY,
    lastEventAtMs = 0,
    served = { sinceMs: 0, untilMs: lastEventAtMs },
  }: Verified,
  isStrict: boolean,
  hasCheckpoints: boolean,
): VerificationFault[] {
  const { sinceMs: servedSinceMs, untilMs } = isStrict ? { sinceMs: 0, untilMs: Date.now() } : served;
  const isLate = (sinceMs: number) => Math.max(sinceMs, servedSinceMs) < untilMs - lateMs;
  const faults: VerificationFault[] = [];
  if (isLate(unchainedSinceMs)) faults.push({ kind: "unchained", sinceMs: unchainedSinceMs });
  // That there are none at all is told by itself.
  if ((hasCheckpoints || isStrict) && isLate(uncoveredSinceMs))
    faults.push({ kind: "uncovered", sinceMs: uncoveredSinceMs });
  return faults;
}

function tell(
  context: CommandContext,
  o: {
    readonly verification: AuditVerification;
    readonly faultCount: number;
    readonly told: number;
    readonly read: ReadCheckpoints;
    readonly file: string | undefined;
  },
): void {
  const { eventCount, unchainedCount, uncoveredSinceMs, backdated, chains } = o.verification;
  const checkpoints = o.read.checkpoints.length;
  if (context.json) {
    const uncovered = uncoveredSinceMs === undefined ? {} : { uncoveredSince: timeOf(uncoveredSinceMs) };
    context.out(
      jsonLine({
        kind: "summary",
        events: eventCount,
        unchained: unchainedCount,
        chains: chains.length,
        checkpoints,
        ...uncovered,
        ...(backdated ? { backdated } : {}),
        faults: o.faultCount,
      }),
    );
    return;
  }
  if (o.faultCount > o.told) context.out(`And ${o.faultCount - o.told} more.`);
  context.say(
    `${eventCount} events in ${chains.length} ${chains.length === 1 ? "chain" : "chains"}, held to ${checkpoints} ${checkpoints === 1 ? "checkpoint" : "checkpoints"}.`,
  );
  if (unchainedCount > 0) context.say(`${unchainedCount} at the end have no place in a chain yet.`);
  if (backdated)
    context.say(
      `${backdated.count} ${backdated.count === 1 ? "is" : "are"} dated five minutes or more before an event in front, the first is event ${backdated.firstSequence}: somebody put it there, or a clock was set back.`,
    );
  if (checkpoints === 0)
    context.say(
      o.file === undefined
        ? "Without --checkpoints FILE nobody vouches for it: who can write it can make another that fits."
        : `There are no checkpoints in ${escapeText(o.file)} yet: nobody vouches for it.`,
    );
  else if (uncoveredSinceMs !== undefined)
    context.say(`No checkpoint vouches for events since ${timeOf(uncoveredSinceMs)} yet.`);
  for (const line of o.read.unreadableLines.slice(0, 10))
    context.say(`Line ${line} of the checkpoints can't be read, and counts for nothing.`);
  context.say(
    o.faultCount === 0
      ? "It is what was written."
      : `${o.faultCount} ${o.faultCount === 1 ? "thing" : "things"} wrong.`,
  );
}
