import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from './error-catalogue';
import { faultCatalogue } from '@meterbook/messages/reading/fault';

const rowsOf = (heading: string): string[][] => {
  const text = readFileSync(join(__dirname, '../../../../docs/errors.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((row) =>
      row
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    );
};

describe('the error catalogue', () => {
  it('stands in docs/errors.md, code by code, and nothing else does', () => {
    const real = Object.entries(errorCatalogue).map(([code, { status, title }]) => [
      `\`${code}\``,
      String(status),
      title,
    ]);
    expect(rowsOf('Codes')).toEqual(real);
  });

  it('stands there with the codes of single faults', () => {
    const real = Object.entries(faultCatalogue).map(([code, meaning]) => [`\`${code}\``, meaning]);
    expect(rowsOf('Faults')).toEqual(real);
  });

  it('is in order of status and has a title for each code', () => {
    const entries = Object.values(errorCatalogue);
    const statuses = entries.map(({ status }) => status);
    expect(statuses).toEqual([...statuses].sort((a, b) => a - b));
    expect(new Set(entries.map(({ title }) => title)).size).toBe(entries.length);
  });
});
