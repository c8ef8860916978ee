import type { FileAudience, FileChange, FileRecord } from "../file.ts";
import { maxDerivativeMakesPerVersion, maxWaitingDerivativesPerPerson } from "../limits.ts";
import { shownAudience } from "../policy/audiences.ts";
import type { Principal } from "../policy/principal.ts";
import { type Refusal, RefusedError } from "../refusal.ts";
import type { Metadata } from "../upload.ts";
import { atRevision, type ExpectedRevision, type FilePorts } from "./at-revision.ts";
import { chooseAudience, type Visibility } from "./choose-audience.ts";
import type { ServicePorts } from "./ports.ts";
import { findSpec, orderOf, outdatedDerivatives } from "./wanted-derivatives.ts";

/** What of a file its owner asks to be changed: at least one of these. */
export interface FileChangeIntent extends Omit<FileChange, "audience"> {
  readonly visibility?: Visibility | undefined;
}

/**
 * Changes a file's name, its metadata, to whom it is shown, or several of these. What is so already is done: no new revision, no audit event. A file in
 * the trash must be restored first: what is about to be deleted is not edited by mistake. Where the metadata crops pictures
 * otherwise, those are made anew.
 *
 * @throws RefusedError `not-found`, `forbidden`, `sealed`, `validation-failed`, `precondition-required`, `precondition-failed`,
 *   `file-not-ready`
 */
export async function changeFile(
  ports: FilePorts & Pick<ServicePorts, "profiles" | "wakeWorker">,
  principal: Principal,
  fileId: string,
  expected: ExpectedRevision,
  { visibility, ...intent }: FileChangeIntent,
): Promise<FileRecord> {
  const isShared = visibility !== undefined || intent.sharesOriginal !== undefined;
  const shown = visibility === undefined ? undefined : chooseAudience(principal, visibility);
  const change = { ...intent, ...(shown && "audience" in shown ? shown : {}) };
  let before: FileRecord | undefined;
  const changed = await atRevision(ports, {
    principal,
    action: isShared ? "share" : "change",
    fileId,
    expected,
    assertThere: async () => {
      if (shown && "refusal" in shown) throw new RefusedError(shown.refusal);
    },
    // The command holds only for the revision that was read, so what it would change can be told from that.
    run: async (command, file) => {
      before = file;
      return file.revision === command.revision && file.state === "ready" && isSo(file, change)
        ? { outcome: "done", file }
        : ports.metadata.changeFile({ ...command, change });
    },
    inWrongState: notReady,
  });
  if (before) await cropAnew(ports, principal, before, changed);
  return changed;
}

/** Asks for the derivatives of the current version that show another part of it than before; until then the old ones do. */
async function cropAnew(
  { metadata, profiles, wakeWorker }: Pick<ServicePorts, "metadata" | "profiles" | "wakeWorker">,
  principal: Principal,
  before: FileRecord,
  { id, version, current, metadata: pairs }: FileRecord,
): Promise<void> {
  const of = { ...current, fileId: id, version };
  const orders = outdatedDerivatives({ profiles }, of, pairs).filter(({ name, madeAs }) => {
    const spec = findSpec({ profiles }, of, name);
    return spec && orderOf(spec, of, before.metadata, 0).madeAs !== madeAs;
  });
  if (orders.length === 0) return;
  await metadata.askDerivatives({
    actor: { principalId: principal.id },
    orders,
    maxPerVersion: maxDerivativeMakesPerVersion,
    maxWaitingPerOwner: maxWaitingDerivativesPerPerson,
  });
  wakeWorker();
}

/** Why nothing but restoring and deleting is done to a file in such a state. */
export const notReady = ({ state }: FileRecord): Refusal => ({
  code: "file-not-ready",
  detail:
    state === "trashed"
      ? "The file is in the trash: restore it first."
      : "The file is quarantined: a later check found something in it.",
});

const isSo = (file: FileRecord, change: FileChange): boolean => {
  const { name = file.name, metadata = file.metadata, audience, sharesOriginal } = change;
  return (
    file.name === name &&
    hasSamePairs(file.metadata, metadata) &&
    (audience === undefined || shownOf(audience) === shownOf(file.audience ?? "private")) &&
    (sharesOriginal === undefined || sharesOriginal === (file.sharesOriginal ?? false))
  );
};

const shownOf = (audience: FileAudience | "private"): string =>
  audience === "private" ? audience : shownAudience(audience);

function hasSamePairs(one: Metadata, other: Metadata): boolean {
  const pairs = new Map(Object.entries(one));
  const others = Object.entries(other);
  return pairs.size === others.length && others.every(([key, value]) => pairs.get(key) === value);
}
