import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child } from '@meterbook/runtime/testing/child';

const script = join(__dirname, 'testing/turns-child.ts');
/** Appends of the one that writes one at a time. */
const rounds = 100;
/** Of ten of its appends nine come after at most this many events of each writer beside it: more is a lock that is not shared. */
const mostOvertaking = 6;
const testTimeoutMs = 240_000;

describe('a process that appends one at a time', () => {
  let directory: string;
  let children: Child[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'meterbook-turns-'));
    children = [];
  });
  afterEach(async () => {
    await Promise.all(children.map((child) => child.kill()));
    rmSync(directory, { recursive: true });
  });

  it.each([
    ['one that appends in a tight loop', ['writer']],
    ['three that append in a tight loop', ['writer', 'writer', 'writer']],
    ['one that appends in a tight loop and two that read all the time', ['writer', 'reader', 'reader']],
  ])(
    'comes to its turn beside %s',
    async (_what, roles) => {
      children = roles.map((role) => new Child(script, directory, role));
      await Promise.all(children.map((child) => child.until((lines) => lines.length > 0)));
      const patient = new Child(script, directory, 'patient', String(rounds));
      children.push(patient);
      await patient.until((lines) => lines.length === rounds);
      // Counted in events and not in time: how long one takes is the machine's affair.
      const overtaken = patient.lines
        .map((line) => (JSON.parse(line) as { readonly overtaken: number }).overtaken)
        .sort((a, b) => a - b);
      const writers = roles.filter((role) => role === 'writer').length;
      expect(overtaken[Math.floor(rounds * 0.9)]).toBeLessThanOrEqual(mostOvertaking * writers);
    },
    testTimeoutMs,
  );
});
