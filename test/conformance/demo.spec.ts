import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const entry = join(__dirname, '../../dist/apps/standalone/src/demo/main.js');
/** What a run may take on a slow machine, in milliseconds; the build comes on top. */
const runTimeoutMs = 40_000;

interface Run {
  readonly code: number | null;
  readonly text: string;
  /** What it left in its temporary folder. */
  readonly left: readonly string[];
}

describe('npm run demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meterbook-demo-spec-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the built demo; `onLine` may interrupt it. */
  const run = async (
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    onLine: (line: string, interrupt: () => void) => void = () => undefined,
  ): Promise<Run> => {
    const TMPDIR = mkdtempSync(join(folder, 'run-'));
    const child = spawn(process.execPath, [entry, ...args], {
      env: { ...process.env, PORT: '0', ...environment, TMPDIR },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      onLine(line, () => child.kill('SIGINT'));
    });
    const late = setTimeout(() => child.kill('SIGTERM'), runTimeoutMs);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(late);
    return { code, text: lines.join('\n'), left: readdirSync(TMPDIR) };
  };

  it('tells the story of every platform, finds every number right and cleans up', async () => {
    const { code, text, left } = await run(['--exit']);
    expect(text).not.toContain('✗');
    expect([code, left]).toEqual([0, []]);

    expect(text).toMatch(/default-svip .*× 5 .* 0\.21 CNY {2}✓/);
    expect(text).toMatch(/vip-svip .*× 1\.2 .* 0\.0504 CNY {2}✓/);
    expect(text).toMatch(/svip-svip .*× 0\.7 .* 0\.0294 CNY {2}✓/);
    expect(text).toMatch(/charged: 40 ✓\n {2}dropped as repeats: 80 ✓/);
    expect(text).toContain('reason: id_conflict ✓');
    expect(text).toMatch(/veo-priority .*× 1\.8 × 1 × 0\.95 .* 0\.684 USD {2}✓/);
    expect(text).toMatch(/by-key-large .* enterprise .* 0\.033 USD {2}✓/);
    expect(text).toContain('limited by: pay_as_you_go_off ✓');
    expect(text).toContain('limited by: daily_cap ✓');
    expect(text).toContain('credit, 10 × (1 − 0.1), at most 25 − 10: 9 ✓');
    expect(text).toContain('by version: 2 ✓');
    expect(text).toMatch(/charged: 20000 ✓\n {2}dropped as repeats: 1000 ✓/);
    expect(text).toMatch(/closing balance +1009\.29245\n/);
    expect(text).toMatch(/apibox +CNY +1010\.70755 +1010\.70755 +0 +0\.70755 +✓/);
    expect(text).toMatch(/ok: true; .* ✓/);
    expect(text).toContain('identical to the one it replaced: true ✓');
    expect(text).toMatch(/ ([0-9]{2,}) of \1 checks held/);
    expect(text).toMatch(/http:\/\/127\.0\.0\.1:\d+\/docs /);

    // It reads at 100 columns, and without colours where there is no terminal.
    expect(text.split('\n').filter((line) => line.length > 100 && !line.includes(folder))).toEqual([]);
    expect(text).not.toContain('\u001b');
  });

  it('keeps the service up without --exit, until it is interrupted', async () => {
    let url = '';
    let docs = Promise.resolve(0);
    const { code, left } = await run([], {}, (line, interrupt) => {
      url ||= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';
      if (!line.includes('Ctrl-C')) return;
      docs = fetch(`${url}/docs`).then(({ status }) => status);
      void docs.finally(interrupt);
    });
    expect([await docs, code, left]).toEqual([200, 0, []]);
    await expect(fetch(`${url}/docs`)).rejects.toThrow('fetch failed');
  });

  it('can be interrupted in the middle, and leaves nothing behind', async () => {
    const { code, text, left } = await run(['--exit'], {}, (line, interrupt) => {
      if (line.startsWith('1. apibox')) interrupt();
    });
    expect([code, left]).toEqual([130, []]);
    expect(text).not.toContain('8. The books');
  });

  it('fails where the service does not start, and says where its log is', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { code, text } = await run(['--exit'], { PORT: String((taken.address() as AddressInfo).port) });
    taken.close();
    expect(code).toBe(1);
    expect(text).toContain('✗ The service ended before it listened');
    const log = /The log of the service is in\s+(\S+)/.exec(text)?.[1] ?? '';
    expect(readFileSync(log, 'utf8')).toContain('EADDRINUSE');
  });
});
