import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { section } from '../architecture/markdown';
import { BooksAtWork } from '../faults/books-at-work';
import { eventually, request, type Answer } from '../support/client';
import { meterbook } from '../support/command-line';
import { plainRulebook, usageEvent } from '../support/plain-platform';
import { StandaloneProcess } from '../support/standalone-process';

const root = join(__dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** The first piece of a language in a Markdown text. */
const piece = (markdown: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(markdown)?.[1] ?? '';
/** How long a few commands may take, milliseconds. */
const COMMANDS_TIMEOUT_MS = 30_000;

/** What a program prints, run from the root of the project; rejects where it fails. */
function printed(program: string, words: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(program, words, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: COMMANDS_TIMEOUT_MS,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`${code}: ${out}${err}`))));
  });
}
const shell = (commands: string): Promise<string> => printed('bash', ['--norc', '-euo', 'pipefail', '-c', commands]);

describe('what the documentation tells a reader to do', () => {
  const directory = mkdtempSync(join(tmpdir(), 'meterbook-documented-'));
  const DATA_DIR = join(directory, 'data');
  let running: StandaloneProcess;
  beforeAll(async () => {
    running = await StandaloneProcess.start(DATA_DIR);
  });
  afterAll(async () => {
    await running.kill();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What a program of the documentation prints, run against the service. */
  const ran = (program: string): Promise<string> => {
    const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
    const { outputText } = transpileModule(program, { compilerOptions });
    const words = ['--input-type=module', '--eval', outputText];
    return printed(process.execPath, words, { METERBOOK_URL: running.url });
  };

  it('works: the tour of README.md, to the commands behind it', async () => {
    const tour = section(read('README.md'), 'A tour');
    const [setup = '', ...calls] = piece(tour, 'sh').trimEnd().split('\n');
    expect(setup).toContain('v=http://127.0.0.1:3000/v1;');
    const here = setup.replace('http://127.0.0.1:3000', running.url);
    const answers: Answer['body'][] = [];
    for (const call of calls) {
      // An account is promoted a moment after its recharge, and usage is charged a moment after it was accepted.
      const ask = async (): Promise<Answer> => {
        const text = await shell(`${here}\n${call.replace(/^curl /, 'curl --silent --fail ')}`);
        return { status: 200, headers: new Headers(), body: JSON.parse(text) as Answer['body'] };
      };
      const { body } = await eventually(
        ask,
        ({ body: { charges, tier } }) => tier !== 'default' && (!Array.isArray(charges) || charges.length > 0),
      );
      answers.push(body);
    }
    expect(answers).toMatchObject([
      { version: 1 },
      { rechargeId: 'r-1', credited: '100', currency: 'CNY' },
      { account: 'acct-42', tier: 'vip', wallet: '100' },
      { accepted: 1 },
      { charges: [{ source: 'gw-1', id: 'req-1', amount: '0.04956', tier: 'vip' }] },
      { totals: [{ commodity: 'CNY', balance: '0' }] },
    ]);
    for (const command of ['verify', 'rebuild', '--help']) {
      expect(tour).toMatch(new RegExp(`npx\\s+meterbook ${command}`));
      const { code, out } = await meterbook([command], { DATA_DIR });
      expect([command, code, out === '']).toEqual([command, 0, false]);
    }
  });

  it('works: the program of docs/clients.md, as it stands there', async () => {
    const clients = read('docs/clients.md');
    const program = piece(clients, 'ts');
    expect(program).toContain("process.env['METERBOOK_URL'] ?? 'http://127.0.0.1:3000'");
    expect(await ran(program)).toMatch(/^1 accepted, 100 credited, \d+(?:\.\d+)? in the wallet\n$/);
    const [, schema = ''] = /\$schema=http:\/\/127\.0\.0\.1:3000(\S+)/.exec(clients) ?? [];
    expect((await fetch(running.url + schema)).status).toBe(200);
  });

  it('works: the gateway of docs/gateway.md, as it stands there', async () => {
    const account = '/v1/platforms/apibox/accounts/acct-gateway';
    const recharge = { rechargeId: 'r-1', provider: 'manual', amount: '100', currency: 'CNY' };
    expect((await request(running.url, 'POST', `${account}/recharges`, recharge)).status).toBe(201);
    expect(await ran(piece(read('docs/gateway.md'), 'ts'))).toBe(
      'served with 350 tokens of at most 4000\ngiven up: upstream is away\nrefused: 402 insufficient_credits\n',
    );
    const { body } = await eventually(
      () => request(running.url, 'GET', account),
      ({ body: { wallet } }) => wallet !== '100',
    );
    expect([body['held'], body['available']]).toEqual(['0', body['wallet']]);
  });

  it('works: a token of docs/operating.md, made and written as it says', async () => {
    const access = section(read('docs/operating.md'), 'Access');
    const [, make = '', hash = ''] = /come from `(TOKEN=[^`]+)` and `([^`]+)`/.exec(access) ?? [];
    const [token = '', sum = ''] = (await shell(`${make}; echo "$TOKEN"; ${hash}`)).split('\n');
    const digest = sum.split(' ')[0] ?? '';
    const file = join(directory, 'tokens.json');
    writeFileSync(
      file,
      piece(access, 'json')
        .replaceAll(/<sha256 of another token>/g, digest)
        .replaceAll(/<[^>]+>/g, '0'.repeat(64)),
    );
    const guarded = await StandaloneProcess.start(join(directory, 'guarded'), { METERBOOK_TOKENS: file });
    const status = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(guarded.url + path, { headers })).status;
    expect(await status('/v1/platforms')).toBe(401);
    expect(await status('/v1/platforms', { authorization: `Bearer ${token}` })).toBe(200);
    const open = /((?:`\/[^`]*`(?:,| and)?\s+)+)need no token/.exec(access)?.[1] ?? '';
    const paths = [...open.matchAll(/`(\/[^`*]*)\*?`/g)].map(([, path = '']) =>
      path.replace(/health\/$/, 'health/live'),
    );
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) expect([path, await status(path)]).toEqual([path, 200]);
    expect(await guarded.stop()).toBe(0);
  });

  it('works: a backup of docs/operating.md, made while the service runs and charges', async () => {
    const words = [
      ...section(read('docs/operating.md'), 'Files and backups').matchAll(/`npx meterbook (\w+) FOLDER`/g),
    ];
    expect(words.map(([, word]) => word)).toEqual(['backup', 'restore']);
    const from = join(directory, 'at-work');
    const to = join(directory, 'restored');
    const service = await StandaloneProcess.start(from);
    const books = new BooksAtWork();
    await books.begin(service);
    await books.work(service);
    await books.prove(service);
    const run = async (word: string | undefined, DATA_DIR: string): Promise<void> =>
      expect((await meterbook([word ?? '', join(directory, 'backup')], { DATA_DIR })).code).toBe(0);
    await run(words[0]?.[1], from);
    const copied = books.copy();
    await books.work(service);
    await books.prove(service);
    expect(await service.stop()).toBe(0);
    await run(words[1]?.[1], to);
    const restored = await StandaloneProcess.start(to);
    await copied.prove(restored);
    await copied.work(restored);
    await copied.prove(restored);
    expect(await restored.stop()).toBe(0);
  });

  it('works: to go on with a store that is older than its topics, as docs/operating.md says it', async () => {
    const unfit = section(read('docs/operating.md'), 'Files that do not fit together');
    const [, sentence = ''] =
      /The store is older than the topics\.\*\* Delete ((?:`[^`]+`(?:,| and)?\s+)*`[^`]+`)\./.exec(unfit) ?? [];
    const deleted = [...sentence.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    expect(deleted.length).toBeGreaterThan(3);
    const folder = join(directory, 'older');
    const platform = 'older';
    const account = `/v1/platforms/${platform}/accounts/a`;
    const use = async ({ url }: StandaloneProcess, id: string): Promise<void> => {
      const event = usageEvent({ platform, id, subject: 'a', time: new Date().toISOString() });
      expect((await request(url, 'POST', '/v1/usage', event)).status).toBe(202);
    };
    const holds = ({ url }: StandaloneProcess, wallet: string): Promise<Answer> =>
      eventually(
        () => request(url, 'GET', account),
        ({ body }) => body['wallet'] === wallet,
      );

    const first = await StandaloneProcess.start(folder);
    await request(first.url, 'PUT', `/v1/platforms/${platform}/rulebook`, plainRulebook(platform));
    const recharge = { rechargeId: 'r1', provider: 'manual', amount: '100', currency: 'USD' };
    await request(first.url, 'POST', `${account}/recharges`, recharge);
    await use(first, 'u1');
    await holds(first, '99');
    expect(await first.stop()).toBe(0);
    cpSync(join(folder, 'store'), join(directory, 'older-store'), { recursive: true });
    const second = await StandaloneProcess.start(folder);
    await use(second, 'u2');
    await holds(second, '98');
    expect(await second.stop()).toBe(0);

    rmSync(join(folder, 'store'), { recursive: true });
    cpSync(join(directory, 'older-store'), join(folder, 'store'), { recursive: true });
    await expect(StandaloneProcess.start(folder)).rejects.toThrow(/store\/events\.db ends after \d+ events, short of /);
    await shell(`cd '${folder}'; rm -r ${deleted.join(' ')}`);
    const third = await StandaloneProcess.start(folder);
    await holds(third, '98');
    expect((await request(third.url, 'POST', '/v1/verify', {})).body).toMatchObject({ ok: true, faults: [] });
    expect(await third.stop()).toBe(0);
  });
});
