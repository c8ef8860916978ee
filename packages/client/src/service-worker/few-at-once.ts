/** Does work for each, three at a time. When one fails those under way come to their end, and no others begin. */
export async function fewAtOnce<Item>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const left = Array.from(items).values();
  const failures: unknown[] = [];
  const one = async () => {
    for (const item of left) {
      if (failures[0]) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all([one(), one(), one()]);
  if (failures[0]) throw failures[0];
}
