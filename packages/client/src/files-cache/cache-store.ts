import type { File } from "@stowage/protocol";
import type { KeptBytes, KeptKey, KeptRow } from "./kept-row.ts";

export type KeepOutcome =
  /** With what had to go for it. */
  | { readonly outcome: "kept"; readonly evicted: readonly KeptRow[] }
  | { readonly outcome: "too-large" }
  | { readonly outcome: "no-room" };

/**
 * The files that one person at one server keeps on this device. Nothing of another's is ever read by it. Each call is one atomic
 * command, whichever tabs call at the same time; one that fails has done nothing.
 */
export interface CacheStore {
  /** Whether it is still there when the program starts again. */
  readonly isDurable: boolean;
  /**
   * Tells what the device's clock says now, and what is known to have passed at least; answers how much has passed on this device, all
   * its people's programs together, by `decidePassedTime`.
   */
  passTime(wallMs: number, leastMs: number): Promise<number>;
  /** All that is kept of this person's, without the bytes; in no order. */
  list(): Promise<KeptRow[]>;
  /** The newest version that is kept of a file's derivative and has not expired by then; it counts as read then. */
  read(fileId: string, derivative: string, nowMs: number): Promise<KeptBytes | undefined>;
  /**
   * Keeps bytes in place of other versions of the same file's derivative, and makes room for them by `decideEviction`: never is more
   * kept of this person's than the budget, at no time.
   *
   * @param file - as the server tells it: it goes with the bytes
   * @throws StorageFullError
   */
  keep(row: KeptRow, bytes: Uint8Array, budgetBytes: number, file: File): Promise<KeepOutcome>;
  /** Those of which something is kept, each once, as they were told last; in no order. */
  files(): Promise<File[]>;
  /** How the server tells files now. What is not kept (any more) is none, and stays so. */
  tell(files: readonly File[]): Promise<void>;
  /** What is not kept (any more) is none, and stays so. */
  touch(keys: readonly KeptKey[], times: Partial<Pick<KeptRow, "readAtMs" | "checkedAtMs">>): Promise<void>;
  remove(keys: readonly KeptKey[]): Promise<void>;
  /** Removes what has expired, of everybody on this device: who does not come back here leaves nothing. Answers one's own. */
  removeExpired(nowMs: number): Promise<KeptRow[]>;
  close(): void;
}
