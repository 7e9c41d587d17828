import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tagSentences } from '@meterbook/http/openapi/tags';
import { SystemClock } from '@meterbook/runtime/system-clock';
import { everyRoute, type EveryRoute } from './testing/every-route';

const root = resolve(__dirname, '../../..');
/** The document itself, and the page that shows it. */
const undescribed = /^\/(openapi\.json|docs($|[/.-]))/;
/** A tool of another project may be slow on a machine that is busy. */
const TOOL_TIMEOUT_MS = 110_000;

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, { readonly headers?: Readonly<Record<string, unknown>> }>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
}

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  readonly tags: readonly { readonly name: string }[];
}

/** Every object within a value, itself included. */
function* objectsIn(value: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Readonly<Record<string, unknown>>;
  for (const member of Object.values(value)) yield* objectsIn(member);
}

/** What a JSON pointer leads to. */
const found = (document: unknown, ref: string): unknown =>
  ref
    .slice('#/'.length)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>> | undefined)?.[key], document);

const danglingIn = (document: unknown): readonly string[] =>
  [...objectsIn(document)]
    .flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []))
    .filter((ref) => !ref.startsWith('#/') || found(document, ref) === undefined);

describe('the documents of the interfaces', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-openapi-'));
  const documentFile = join(directory, 'openapi.json');
  let service: EveryRoute;
  let document: Document;
  let topics: unknown;

  beforeAll(async () => {
    service = await everyRoute(new SystemClock());
    const read = async (url: string): Promise<string> => (await service.app.inject({ method: 'GET', url })).body;
    const text = await read('/openapi.json');
    writeFileSync(documentFile, text);
    document = JSON.parse(text) as Document;
    const topicsText = await read('/asyncapi.json');
    writeFileSync(join(directory, 'asyncapi.json'), topicsText);
    topics = JSON.parse(topicsText);
  });
  afterAll(async () => {
    await service.close();
    rmSync(directory, { recursive: true });
  });

  const operations = (): (Operation & { readonly route: string })[] =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...operation,
        route: `${method.toUpperCase()} ${path}`,
      })),
    );

  /**
   * What redocly's linter finds in a file, as `severity rule: message`. A condition such as `not: { required }` stands beside the
   * properties that it is about and not around them, which one rule does not see.
   */
  const findings = (file: string): readonly string[] => {
    const script = `
      import { createConfig, lint } from '@redocly/openapi-core';
      const rules = { 'no-required-schema-properties-undefined': 'off' };
      const config = await createConfig({ extends: ['recommended'], rules });
      const found = await lint({ ref: process.argv[1], config });
      console.log(JSON.stringify(found.map(({ severity, ruleId, message }) => severity + ' ' + ruleId + ': ' + message)));
    `;
    const arguments_ = ['--input-type=module', '-e', script, file];
    return JSON.parse(
      execFileSync(process.execPath, arguments_, { cwd: root, encoding: 'utf8', timeout: TOOL_TIMEOUT_MS }),
    ) as readonly string[];
  };

  it('describe every route, and no other', () => {
    const routes = service.routes
      .filter(({ method, pattern }) => method !== 'HEAD' && !undescribed.test(pattern))
      .map(({ method, pattern }) => `${method} ${pattern.replace(/:(\w+)/g, '{$1}')}`);
    expect(
      operations()
        .map(({ route }) => route)
        .sort(),
    ).toEqual(routes.sort());
  });

  it('refer to nothing that is not there', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(danglingIn(document)).toEqual([]);
    expect(danglingIn(topics)).toEqual([]);
    expect(danglingIn({ $ref: '#/components/schemas/' })).toEqual(['#/components/schemas/']);
  });

  it('give a linter nothing to find', () => {
    expect(findings(documentFile)).toEqual([]);
    // Who may read a topic is the broker's matter.
    const ours = findings(join(directory, 'asyncapi.json')).filter(
      (found) => !found.startsWith('warn security-defined'),
    );
    expect(ours).toEqual([]);
    writeFileSync(
      join(directory, 'faulty.json'),
      JSON.stringify({ ...document, paths: { '/x': { get: { responses: {} } } } }),
    );
    expect(findings(join(directory, 'faulty.json')).length).toBeGreaterThan(0);
  });

  it('call each operation by a verb and what it is done to, once', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]*)*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(
      expect.arrayContaining(['reportUsage', 'receiveRecharge', 'publishRulebook', 'viewTrialBalance']),
    );
  });

  it('say what everything is', () => {
    const silent = operations().flatMap(({ route, summary, parameters = [] }) => [
      ...(summary ? [] : [route]),
      ...parameters.filter(({ description }) => !description).map(({ name }) => `${route} ${name}`),
    ]);
    expect(silent).toEqual([]);
    const used = new Set(operations().flatMap(({ tags }) => tags));
    expect(document.tags.map(({ name }) => name).sort()).toEqual([...used].sort());
    expect([...used].sort()).toEqual(Object.keys(tagSentences).sort());
  });

  it('show no names of our classes, and count in whole numbers', () => {
    expect(Object.keys(document.components.schemas).filter((name) => name.endsWith('Dto'))).toEqual([]);
    const fractions = [...objectsIn(document)].filter(({ type, format }) => type === 'number' && format !== 'double');
    expect(fractions).toEqual([]);
    expect([...objectsIn(document)].filter((schema) => 'nullable' in schema)).toEqual([]);
  });

  it('name the headers of each answer', () => {
    for (const { route, responses } of operations()) {
      for (const [status, { headers = {} }] of Object.entries(responses)) {
        expect([route, status, Object.keys(headers)]).toEqual([
          route,
          status,
          expect.arrayContaining(['X-Request-Id']),
        ]);
        if (status === '503')
          expect([route, Object.keys(headers)]).toEqual([route, expect.arrayContaining(['Retry-After'])]);
      }
      if ('201' in responses && '200' in responses)
        expect([route, Object.keys(responses['200'].headers ?? {})]).toEqual([
          route,
          expect.arrayContaining(['Idempotency-Hit']),
        ]);
    }
  });

  it('are enough to make a client of, and the program of docs/clients.md compiles against it', () => {
    const program = /```ts\n([^]*?)```/.exec(readFileSync(join(root, 'docs/clients.md'), 'utf8'))?.[1] ?? '';
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    const tool = (name: string, ...args: readonly string[]): void => {
      execFileSync(join(root, 'node_modules/.bin', name), args, { cwd: directory, timeout: TOOL_TIMEOUT_MS });
    };
    tool('openapi-typescript', documentFile, '-o', join(directory, 'meterbook.d.ts'));
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
    const compile = (text: string): void => {
      writeFileSync(join(directory, 'client.ts'), text);
      const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'preserve', '--types', 'node'];
      tool('tsc', ...options, 'client.ts', 'meterbook.d.ts');
    };
    compile(program);
    const mistakes = [
      ["amount: '100'", 'amount: 100'],
      ['inputTokens: 1200', 'inputTokens: true'],
      ['account.data.wallet', 'account.data.purse'],
    ];
    const mistaken = program.split('\n').map((line) => {
      const [right, wrong] = mistakes.find(([text = '']) => line.includes(text)) ?? [];
      return right === undefined ? line : `// @ts-expect-error\n${line.replace(right, wrong ?? '')}`;
    });
    expect(mistaken.filter((line) => line.startsWith('// @ts-expect-error'))).toHaveLength(mistakes.length);
    compile(mistaken.join('\n'));
  });
});
