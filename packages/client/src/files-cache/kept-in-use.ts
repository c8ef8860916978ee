import type { Clock } from "../ports.ts";
import { type KeptRow, keyText } from "./kept-row.ts";

/** What was read may be on a screen for so long after; what is held is for as long as it is. */
const inUseMs = 300_000;

/** What of the kept files is shown by this program, as far as it knows. */
export interface KeptInUse {
  /** It was given out to be shown. */
  use(row: KeptRow): void;
  /** They are on the screen until they are let go of, whether or not they are kept. */
  hold(fileIds: readonly string[]): () => void;
  isHeld(fileId: string): boolean;
  fileIds(): Set<string>;
  /** What was given out: it may be gone from the store by another tab's doing. */
  rows(): readonly KeptRow[];
  /** It is not shown any more. */
  drop(rows: readonly KeptRow[]): void;
  /** Something was kept, or is to be: for a while it counts as if something were shown. */
  touch(): void;
  isAny(): boolean;
}

export function createKeptInUse(clock: Clock): KeptInUse {
  const used = new Map<string, { readonly row: KeptRow; readonly atMs: number }>();
  const held = new Map<string, number>();
  let touchedAtMs = Number.NEGATIVE_INFINITY;
  const isRecent = (atMs: number) => clock.nowMs() - atMs < inUseMs;
  const prune = () => {
    for (const [key, { row, atMs }] of used) if (!isRecent(atMs) && !held.has(row.fileId)) used.delete(key);
  };

  return {
    use(row) {
      touchedAtMs = clock.nowMs();
      used.set(keyText(row), { row, atMs: touchedAtMs });
    },
    hold(fileIds) {
      const ids = [...fileIds];
      for (const id of ids) held.set(id, (held.get(id) ?? 0) + 1);
      return () => {
        for (const id of ids.splice(0)) {
          const count = (held.get(id) ?? 0) - 1;
          if (count > 0) held.set(id, count);
          else held.delete(id);
        }
      };
    },
    isHeld: (fileId) => held.has(fileId),
    fileIds() {
      prune();
      return new Set([...held.keys(), ...[...used.values()].map(({ row }) => row.fileId)]);
    },
    rows() {
      prune();
      return [...used.values()].map(({ row }) => row);
    },
    drop(rows) {
      for (const row of rows) used.delete(keyText(row));
    },
    touch() {
      touchedAtMs = clock.nowMs();
    },
    isAny: () => held.size > 0 || isRecent(touchedAtMs),
  };
}
