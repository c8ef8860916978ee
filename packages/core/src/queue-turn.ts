/**
 * The turn of what is put into a queue, so that owners take turns however much each has waiting: its first one's is that after
 * the turn which was claimed last, and each further one's that after the one before. Who takes what has the lowest turn first
 * takes one of each owner's a turn. (Start-time fair queueing, https://doi.org/10.1145/248156.248171, of things that count alike.)
 *
 * @param claimedTurn the highest that was claimed so far; 0 before any was
 * @param ownersLastTurn the highest of what waits, or is in somebody's hands, of the same owner's; 0 where nothing does
 */
export const queueTurn = (claimedTurn: number, ownersLastTurn: number): number =>
  Math.max(claimedTurn, ownersLastTurn) + 1;
