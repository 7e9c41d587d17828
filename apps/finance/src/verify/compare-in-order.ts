/** Two lists in the same order side by side: what is the same in both stands together, what only one has alone. */
export async function* sideBySide<Left, Right>(
  left: AsyncIterable<Left>,
  right: Iterable<Right>,
  compare: (left: Left, right: Right) => number,
): AsyncIterable<readonly [left: Left | undefined, right: Right | undefined]> {
  const rest = right[Symbol.iterator]();
  try {
    let next = rest.next();
    for await (const one of left) {
      while (next.done !== true && compare(one, next.value) > 0) {
        yield [undefined, next.value];
        next = rest.next();
      }
      if (next.done !== true && compare(one, next.value) === 0) {
        yield [one, next.value];
        next = rest.next();
      } else yield [one, undefined];
    }
    for (; next.done !== true; next = rest.next()) yield [undefined, next.value];
  } finally {
    rest.return?.();
  }
}
