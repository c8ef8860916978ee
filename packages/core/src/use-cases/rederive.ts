import type { FileVersionRecord } from "../file.ts";
import type { OrderedDerivative } from "../ports/derivative-commands.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { defaultProfile } from "../profile.ts";
import { type Drawing, outdatedDerivatives, unknownRendition } from "./wanted-derivatives.ts";

export interface RederiveOptions {
  /** Only versions of this profile. Default: of each. */
  readonly profile?: string;
  /** Nothing is asked for. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each derivative that is missing or made otherwise, with what has become of it. */
  onDerivative?(derivative: OrderedDerivative & { readonly outcome: RederiveOutcome }): void;
  /** Told how many versions were looked at so far. */
  onProgress?(versions: number): void;
}

/** `found`: by a dry run. `waiting`: it was asked for before. */
export type RederiveOutcome = "found" | "asked" | "waiting";

export interface RederiveReport {
  readonly versions: number;
  readonly derivatives: Readonly<Record<RederiveOutcome, number>>;
  /** Failures that were remembered: whoever asks for one of these asks anew. */
  readonly forgotten: number;
}

const pageSize = 200;

/**
 * Has made anew whatever derivative a version of a ready file lacks by its profile as it is now, or has made otherwise, and has
 * worked out anew what others get of one where older strippers have said so. They wait for a worker, beside what is to be
 * verified; what they take the place of is shown until they are there. What could not be made before is forgotten of every
 * version that is looked at.
 */
export async function rederive(
  { metadata, ...drawing }: { readonly metadata: MetadataStore } & Drawing,
  options: RederiveOptions = {},
): Promise<RederiveReport> {
  const { signal, onDerivative, onProgress } = options;
  const report = { versions: 0, derivatives: { found: 0, asked: 0, waiting: 0 }, forgotten: 0 };
  for (let after: string | undefined; ; ) {
    signal?.throwIfAborted();
    const page = await metadata.listVersions({ limit: pageSize, ...(after === undefined ? {} : { after }) });
    const { versions, orders } = await outdatedOf(metadata, drawing, page, options.profile);
    if (!options.dryRun) report.forgotten += await metadata.forgetFailedDerivatives(versions);
    const answers = options.dryRun ? [] : await metadata.askDerivatives({ actor: "system", orders });
    orders.forEach((order, index) => {
      const outcome = options.dryRun ? "found" : answers[index]?.outcome;
      if (outcome !== "found" && outcome !== "asked" && outcome !== "waiting") return;
      report.derivatives[outcome] += 1;
      onDerivative?.({ ...order, outcome });
    });
    report.versions += page.length;
    onProgress?.(report.versions);
    after = page.at(-1)?.storagePrefix;
    if (page.length < pageSize) return report;
  }
}

async function outdatedOf(
  metadata: MetadataStore,
  { profiles, drawsVideos = false }: Drawing,
  page: readonly { readonly fileId: string; readonly version: number }[],
  profile: string | undefined,
): Promise<{
  readonly versions: readonly FileVersionRecord[];
  readonly orders: readonly OrderedDerivative[];
}> {
  const [found, files] = await Promise.all([
    metadata.findFileVersions(page),
    metadata.findFiles([...new Set(page.map(({ fileId }) => fileId))]),
  ]);
  const isAsked = (version: FileVersionRecord) =>
    profile === undefined || profile === (version.profile ?? defaultProfile.name);
  const versions = found.filter(isAsked);
  const orders = versions.flatMap((version) => {
    const file = files.find(({ id }) => id === version.fileId);
    if (file?.state !== "ready") return [];
    return [
      ...outdatedDerivatives({ profiles, drawsVideos }, version, file.metadata),
      ...unknownRendition(version),
    ];
  });
  return { versions, orders };
}
