/** The same chunks, the first of which has been made: what fails before it is told as an answer of its own. */
export async function begun(chunks: AsyncIterable<string>): Promise<AsyncIterable<string>> {
  const rest = chunks[Symbol.asyncIterator]();
  const first = await rest.next();
  return (async function* (): AsyncIterable<string> {
    try {
      for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
    } finally {
      await rest.return?.();
    }
  })();
}
