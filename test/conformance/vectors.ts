import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, 'vectors');

/** The files of the rating vectors. */
export function ratingFiles(): string[] {
  return readdirSync(join(folder, 'rating')).map((file) => join(folder, 'rating', file));
}

/** Quotes in some files of rating vectors. */
export function countQuotes(files: readonly string[]): number {
  return files
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { rating: { vectors: unknown[] } })
    .reduce((sum, { rating }) => sum + rating.vectors.length, 0);
}

export const scenarioNames: readonly string[] = readdirSync(join(folder, 'scenarios'));

/** A file of scenarios, and how many it has. */
export function scenariosOf(name: string): { readonly file: string; readonly count: number } {
  const file = join(folder, 'scenarios', name);
  const { scenarios } = JSON.parse(readFileSync(file, 'utf8')) as { scenarios: readonly unknown[] };
  return { file, count: scenarios.length };
}

/** Drives a running Meterbook with vectors; answers with the last words of the runner, which ends with 1 where one does not hold. */
export function runVectors(url: string, files: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const call = [join(__dirname, 'run.mjs'), url, ...files];
    execFile(process.execPath, call, (_failure, stdout) => resolve(stdout.trim()));
  });
}
