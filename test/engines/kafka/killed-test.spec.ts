import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '@meterbook/runtime/testing/child';
import { eventually } from '../topics/eventually';
import { START_TIMEOUT_MS } from './kafka-cluster';

describe('a test that is killed', () => {
  const isAlive = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it(
    'leaves no broker behind, nor its files',
    async () => {
      const test = new Child(join(__dirname, 'killed-test.ts'));
      await test.until((lines) => lines.length > 0);
      const directory = test.lines[0] ?? '';
      const broker = Number(readFileSync(join(directory, 'broker-0/pid'), 'utf8'));
      expect(isAlive(broker)).toBe(true);
      await test.kill();
      await eventually('its broker and files are gone', () => !isAlive(broker) && !existsSync(directory));
    },
    START_TIMEOUT_MS,
  );
});
