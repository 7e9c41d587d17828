import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** Finds the lines of JSON pointers in a text that has been read as YAML or JSON before. The first line is 1. */
export function placeOf(text: string): (pointer: string) => number {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines, uniqueKeys: false, stringKeys: true });
  return (pointer) => lines.linePos(offsetOf(contents, stepsOf(pointer))).line;
}

function stepsOf(pointer: string): readonly string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Where an item or a key begins; what is missing is told at the thing it belongs in. */
function offsetOf(contents: unknown, steps: readonly string[]): number {
  let offset = startOf(contents) ?? 0;
  let node: unknown = contents;
  for (const step of steps) {
    if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      offset = startOf(pair?.key) ?? offset;
      node = pair?.value;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
