/**
 * Does a task for each item, a limited number at a time, begun in order. One that is done at once costs no turn: the next begins
 * behind it. Rejects with the first failure.
 */
export async function sideBySide<T>(
  items: readonly T[],
  limit: number,
  task: (item: T, index: number) => void | Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      const doing = task(items[index] as T, index);
      if (doing instanceof Promise) await doing;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
