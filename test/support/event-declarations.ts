import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A source file that declares events which are stored. */
export interface EventDeclarations {
  /** Its path from the root of the repository. */
  readonly file: string;
  readonly text: string;
  readonly types: readonly string[];
}

/** An event's type, in words that begin with capitals; whatever bears one is stored, wherever it is declared. */
const declaredType = /^ {2}readonly type: '([A-Z]\w*)';$/gm;

/** Every file of the libraries and services that declares events, whoever stores them. */
export function eventDeclarations(root: string): readonly EventDeclarations[] {
  return ['libs', 'apps'].flatMap((top) =>
    readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/\.spec\.ts$|(^|\/)testing\/|(^|\/)demo\//.test(name))
      .map((name) => `${top}/${name}`)
      .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
      .map((source) => ({ ...source, types: [...source.text.matchAll(declaredType)].map(([, type = '']) => type) }))
      .filter(({ types }) => types.length > 0),
  );
}
