import { posix } from 'node:path';

/** Targets of the links in a Markdown text that point into the repository, without their anchors. */
export function localLinks(markdown: string): string[] {
  const targets = [...markdown.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^(?:[a-z]+:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}

/** The part of a Markdown text under a heading, down to the next one of the same or a higher level; empty without it. */
export function section(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) return '';
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && (/^#+/.exec(line)?.[0].length ?? 0) <= level);
  return rest.slice(0, end < 0 ? undefined : end).join('\n');
}

/** The rows of the tables of a Markdown text, cell by cell, without heads and rulers. */
export function tableRows(markdown: string): string[][] {
  const rows = markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.replace(/^\||\|\s*$/g, '').split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim()));
  const isRuler = (cells: readonly string[] | undefined): boolean =>
    cells !== undefined && cells.every((cell) => /^:?-+:?$/.test(cell));
  return rows.filter((cells, index) => !isRuler(cells) && !isRuler(rows[index + 1]));
}

/** Links of the document at `path` that lead nowhere; a target that ends in a slash has to be a folder. */
export function deadLinks(path: string, markdown: string, exists: (path: string) => boolean): string[] {
  return localLinks(markdown).filter((target) => !exists(posix.normalize(posix.join(posix.dirname(path), target))));
}

/** Paths of the repository that a Markdown text names in code marks, from the root: `libs/domain/src/amount`. */
export function namedPaths(markdown: string): string[] {
  const named = markdown.matchAll(/`((?:apps|libs|test|docs|rulebooks|\.ci)\/[\w./-]+)`/g);
  return [...new Set([...named].map(([, path = '']) => path))];
}

/** Scripts that a Markdown text tells its reader to run with npm: `test` for `npm test`, `demo` for `npm run demo`. */
export function npmScripts(markdown: string): string[] {
  const named = markdown.matchAll(/\bnpm (?:run (?:--silent )?([\w:-]+)|(test|start)\b)/g);
  return [...new Set([...named].map(([, run, short]) => run ?? short ?? ''))];
}

/** Programs that a Markdown text runs with Node or directly from the repository: `node x.js`, `.ci/run`. */
export function programs(markdown: string): string[] {
  const named = markdown.matchAll(/\bnode ([\w./-]+\.(?:m|c)?js)\b|(?<![\w/])(\.ci\/[\w.-]+)/g);
  return [...new Set([...named].map(([, script, direct]) => script ?? direct ?? ''))];
}
