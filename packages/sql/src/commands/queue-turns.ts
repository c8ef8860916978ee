import type { CommandContext } from "./context.ts";

export type Queue = "uploads" | "derivatives" | "archives";

/** `queueTurn` of the row that is written, by which rows of a queue go, given a query of the highest of its owner's. */
export const nextTurn = (queue: Queue, ownersLast: string): string =>
  `1 + max((SELECT turn FROM queue_turns WHERE queue = '${queue}'), coalesce((${ownersLast}), 0))`;

/** Of the owner of the row of `uploads` that is written: the highest turn of theirs that waits. */
export const ownersLastUploadTurn = `SELECT o.turn FROM uploads o INDEXED BY uploads_turns_of_owner
  WHERE o.state IN ('uploaded', 'verifying') AND o.owner_id = uploads.owner_id ORDER BY o.turn DESC LIMIT 1`;

export function noteClaimedTurn({ connection }: CommandContext, queue: Queue, turn: number): void {
  connection.run("UPDATE queue_turns SET turn = ?1 WHERE queue = ?2 AND turn < ?1", turn, queue);
}
