import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventShapes, type EventShapes } from './event-shapes';
import { eventDeclarations } from '../support/event-declarations';
import { section, tableRows } from './markdown';
import { root } from './planted-tree';

/** What the head of a file says whose events are stored. */
const storedForEver = /^\/\*\*\s+\*? ?WARNING: .*stored for ever/m;

const eventFiles = (): (readonly [name: string, text: string])[] =>
  eventDeclarations(root).map(({ file, text }) => [file, text] as const);

/** The events of docs/events.md: a heading of the third level each, and a table whose first column names the field. */
function documentedEvents(markdown: string): EventShapes {
  const names = [...markdown.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
  const fields = (name: string): string[] =>
    tableRows(section(markdown, name)).map(([field = '']) => field.replaceAll('`', ''));
  return new Map(names.map((name) => [name, fields(name)]));
}

const plain = (shapes: EventShapes): Record<string, string[]> =>
  Object.fromEntries([...shapes].sort().map(([name, fields]) => [name, [...fields].sort()]));

describe('docs/events.md', () => {
  const text = readFileSync(join(root, 'docs/events.md'), 'utf8');

  it('lists every stored event with every field, and no other', () => {
    const declared = new Map(eventFiles().flatMap(([name, source]) => [...eventShapes(name, source)]));
    expect(declared.size).toBeGreaterThanOrEqual(13);
    expect(plain(documentedEvents(text))).toEqual(plain(declared));
  });

  it('has a warning above every file of events', () => {
    const files = eventFiles();
    expect(files.length).toBeGreaterThanOrEqual(5);
    expect(files.filter(([, source]) => !storedForEver.test(source)).map(([name]) => name)).toEqual([]);
  });

  it('says of every event since when it is written and what it posts', () => {
    const sections = [...documentedEvents(text).keys()].map((name) => [name, section(text, name)] as const);
    expect(
      sections.filter(([, part]) => !/^Since \d+\.\d+\.\d+\. Postings: /m.test(part)).map(([name]) => name),
    ).toEqual([]);
  });
});

describe('the reading of event files', () => {
  it('follows fields into objects, arrays and interfaces of the file, and marks the optional ones', () => {
    const source = `
      export type Event = Opened | Charged;
      interface Opened { readonly type: 'Opened'; readonly at: string }
      interface Limits { readonly perDay?: number | null }
      interface Line { readonly id: string; readonly limits?: Limits | null; readonly pair: readonly [a: string, b: string] }
      export interface Charged {
        readonly type: 'Charged';
        readonly lines: readonly Line[];
        readonly where: { readonly x: Elsewhere } | null;
      }`;
    expect(plain(eventShapes('events.ts', source))).toEqual({
      Charged: ['lines', 'lines[].id', 'lines[].limits.perDay?', 'lines[].limits?', 'lines[].pair', 'where', 'where.x'],
      Opened: ['at'],
    });
  });

  it('finds in a document what the table under a heading lists', () => {
    const text =
      '## Account\n\n### Opened\n\nSince 0.1.0. Postings: none.\n\n| field | meaning |\n|---|---|\n| `at` | when |\n';
    expect(plain(documentedEvents(text))).toEqual({ Opened: ['at'] });
  });
});
