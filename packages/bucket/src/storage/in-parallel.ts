/** Works on all items, on at most `limit` at the same time. Rejects with the first failure, once none is under way. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const workOnSome = async (): Promise<void> => {
    for (let index = next; index < items.length && !failure; index = next) {
      next += 1;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, workOnSome));
  if (failure) throw failure.error;
}
