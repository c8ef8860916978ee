import type { File } from "@stowage/protocol";
import { isExpired } from "./decide-expiry.ts";
import { decideKept } from "./decide-kept.ts";
import type { FileCacheOptions, GoneFile } from "./file-cache.ts";
import type { KeptInUse } from "./kept-in-use.ts";
import { type KeptRow, keyText } from "./kept-row.ts";
import type { PassingTime } from "./passing-time.ts";

export interface JudgeNeeds extends Pick<FileCacheOptions<unknown>, "store"> {
  readonly inUse: KeptInUse;
  readonly time: PassingTime;
  /** Told of each file once its bytes are gone. */
  tell(gone: readonly GoneFile[]): void;
}

export interface JudgeKept {
  /** Removes what of these files may not be read any more, given those of them that one may see. */
  apply(fileIds: readonly string[], files: ReadonlyMap<string, File>): Promise<void>;
  /** Removes what has expired; `everybody`: of the others on this device, too. */
  expire(everybody?: boolean): Promise<void>;
  /** The server does not take who asks: nothing is shown. The bytes stay, for who signs in again. */
  hideAll(): void;
}

/** How exactly the beginning of a file's time without the server is written down. */
const checkedWithinMs = 60_000;

/** Does what the server's word, or its absence, means for what is kept and shown. */
export function createJudge({ store, inUse, time, tell }: JudgeNeeds): JudgeKept {
  /** What is kept, and what was given out and is not kept any more. */
  const rowsNow = async (): Promise<KeptRow[]> => {
    const rows = new Map(inUse.rows().map((row) => [keyText(row), row]));
    for (const row of await store.list()) rows.set(keyText(row), row);
    return [...rows.values()];
  };
  const remove = async (rows: readonly KeptRow[], reason: GoneFile["reason"]): Promise<void> => {
    if (rows.length === 0) return;
    await store.remove(rows);
    inUse.drop(rows);
    tell([...new Set(rows.map(({ fileId }) => fileId))].map((fileId) => ({ fileId, reason })));
  };

  /** The same answer again, a 304, tells nothing new. */
  const told = new WeakSet<File>();

  return {
    async apply(fileIds, files) {
      const asked = new Set(fileIds);
      const rows = (await rowsNow()).filter(({ fileId }) => asked.has(fileId));
      const that = (verdict: ReturnType<typeof decideKept>) =>
        rows.filter((row) => decideKept(row, files.get(row.fileId)) === verdict);
      await remove(that("refused"), "refused");
      await remove(that("changed"), "changed");
      const nowMs = time.nowMs();
      const due = that("allowed").filter(
        ({ checkedAtMs, ttlMs }) => nowMs - checkedAtMs > Math.min(checkedWithinMs, ttlMs / 10),
      );
      if (due.length > 0) await store.touch(due, { checkedAtMs: nowMs });
      const allowed = new Set(that("allowed").map(({ fileId }) => fileId));
      const news = [...files.values()].filter((file) => allowed.has(file.id) && !told.has(file));
      for (const file of news) told.add(file);
      if (news.length > 0) await store.tell(news);
      // What is on the screen without being kept, such as by another tab's doing, goes all the same.
      const known = new Set(rows.map(({ fileId }) => fileId));
      const lost = fileIds.filter((id) => inUse.isHeld(id) && !files.has(id) && !known.has(id));
      tell(lost.map((fileId) => ({ fileId, reason: "refused" })));
    },
    async expire(everybody = false) {
      const nowMs = time.nowMs();
      await time.save();
      if (everybody) await store.removeExpired(nowMs);
      await remove(
        (await rowsNow()).filter((row) => isExpired(row, nowMs)),
        "expired",
      );
    },
    hideAll() {
      const fileIds = inUse.fileIds();
      inUse.drop(inUse.rows());
      tell([...fileIds].map((fileId) => ({ fileId, reason: "not-signed-in" })));
    },
  };
}
