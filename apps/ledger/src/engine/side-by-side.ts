/** Does a task for each item, a limited number at a time, begun in order. Rejects with the first failure. */
export async function sideBySide<T>(
  items: readonly T[],
  limit: number,
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of rest) await task(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
