import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly save?: Readonly<Record<string, string>>;
}

interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

const folder = join(__dirname, 'vectors');
/** What is not there yet: a step that asks for it waits, and so does one that needs what such a step would have saved. */
const notThereYet = /\/authorizations\b|^\/api\/auth\/me$/;
/** What a step sees differently once a step that moves money had to wait. */
const seesMoney = /"(held|wallet|draws)"|\/charges\?/;

/** A scenario without the steps that have to wait. */
function holdsToday(scenario: Scenario): Scenario[] {
  const missing = new Set<string>();
  let moneyDiffers = false;
  const steps = scenario.steps.filter((step) => {
    const text = JSON.stringify(step);
    const needs = [...text.matchAll(/\$\{(\w+)\}/g)].some(([, name]) => missing.has(name ?? ''));
    if (!notThereYet.test(step.path) && !needs && !(moneyDiffers && seesMoney.test(text))) return true;
    for (const name of Object.keys(step.save ?? {})) missing.add(name);
    moneyDiffers ||= step.method === 'POST' && !text.includes('"hold":false');
    return false;
  });
  return steps.length > 1 ? [{ ...scenario, steps }] : [];
}

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

/** Writes what holds today of a file of scenarios into a folder; answers with the new file and the scenarios in it. */
export function writeScenariosOfToday(name: string, into: string): { readonly file: string; readonly count: number } {
  const { scenarios } = JSON.parse(readFileSync(join(folder, 'scenarios', name), 'utf8')) as { scenarios: Scenario[] };
  const today = scenarios.flatMap(holdsToday);
  const file = join(into, basename(name));
  writeFileSync(file, JSON.stringify({ scenarios: today }));
  return { file, count: today.length };
}

/** Drives a running Meterbook with vectors; answers with the last words of the runner, which ends with 1 where one does not hold. */
export function runVectors(url: string, files: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const call = [join(__dirname, 'run.mjs'), url, ...files];
    execFile(process.execPath, call, (_failure, stdout) => resolve(stdout.trim()));
  });
}
