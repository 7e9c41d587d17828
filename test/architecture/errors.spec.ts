import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '@meterbook/http/problem/error-catalogue';
import { root } from './planted-tree';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const sources = ['apps', 'libs/http/src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|error-catalogue/.test(name))
    .map((name) => read(`${folder}/${name}`)),
);

describe('docs/errors.md', () => {
  it('names the codes that no route answers yet, and no other', () => {
    const silent = Object.keys(errorCatalogue).filter((code) => !sources.some((text) => text.includes(`'${code}'`)));
    const sentence = /^No route answers these yet:([^]*?)\n\n/m.exec(read('docs/errors.md'))?.[1] ?? '';
    expect([...sentence.matchAll(/`(\w+)`/g)].map(([, code]) => code)).toEqual(silent);
  });
});
