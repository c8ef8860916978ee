/** Work for `count` items by `lanes` at a time; `lane` says which of them runs an item. */
export async function runLanes(
  lanes: number,
  count: number,
  work: (index: number, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const run = async (lane: number): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index, lane);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
}
