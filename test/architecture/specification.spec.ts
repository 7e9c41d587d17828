import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './planted-tree';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const namesIn = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);

describe('docs/specification.md', () => {
  it('marks the events that are not built yet, and no other', () => {
    const ledger = /^## 10\. Ledger$([^]*?)^## 11\./m.exec(read('docs/specification.md'))?.[1] ?? '';
    const [paragraph = ''] = /^Events \(past tense[^]*?\n\n/m.exec(ledger) ?? [];
    const [sentence = '', marked = ''] = paragraph.split('*(not built yet:');
    const built = new Set([...read('docs/events.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name));
    expect(namesIn(sentence).length).toBeGreaterThan(10);
    expect(namesIn(marked)).toEqual(namesIn(sentence).filter((name) => !built.has(name)));
  });
});
