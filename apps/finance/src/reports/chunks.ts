/** Characters gathered before they are handed on. */
const CHUNK_CHARS = 64 * 1024;

/** Joins small texts, so that a long answer is not written line by line. */
export async function* inChunks(texts: Iterable<string> | AsyncIterable<string>): AsyncIterable<string> {
  let chunk = '';
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
