import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '../../docker/prometheus/recorded');

/** The metrics of a scrape, with their types. */
export function metricTypes(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type] as const).sort(),
  );
}

/** Those of the scrape that the alerts are tried on: of a service, or of the `standalone`. */
export function recordedMetricTypes(name: string): Readonly<Record<string, string>> {
  return metricTypes(readFileSync(join(folder, `${name}.prom`), 'utf8'));
}
