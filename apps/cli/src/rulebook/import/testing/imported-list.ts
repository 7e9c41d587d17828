import { readFileSync } from 'node:fs';
import { toText } from '@meterbook/domain/amount/decimal';
import { rate } from '@meterbook/domain/rating/rate';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { Rulebook } from '@meterbook/domain/rulebook/rulebook';
import type { Units } from '@meterbook/domain/usage/usage';
import { parseYaml } from '@meterbook/http/request/yaml-text';
import type { ScratchFolder } from '../../../testing/scratch-folder';
import { told, type Told } from '../../../testing/told';
import type { FormatName } from '../formats';
import type { Report } from '../report';

/** What a list became, read back from the YAML as the service reads it. */
export interface ImportedList {
  readonly yaml: string;
  readonly report: Report;
  readonly rulebook: Rulebook;
  readonly content: Readonly<Record<string, unknown>> & { readonly models: readonly ModelText[] };
  /** The content of a model by its name. */
  readonly model: (id: string) => ModelText | undefined;
  /** What was changed about a model, as `kind: detail`. */
  readonly changesOf: (id: string) => readonly string[];
}

export interface ModelText {
  readonly id: string;
  readonly price: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** A list imported by the command line, with these options. */
export async function importedList(
  { file, path }: ScratchFolder,
  from: FormatName,
  list: unknown,
  ...options: string[]
): Promise<ImportedList> {
  const [source, output, whole] = [file('list.json', list), path('rulebook.yaml'), path('report.json')];
  const words = ['rulebook', 'import', '--from', from, source, '-o', output, '--report', whole, '--force', ...options];
  const { code, err } = await told(words);
  if (code !== 0) throw new Error(`not imported: ${err}`);
  const yaml = readFileSync(output, 'utf8');
  const report = JSON.parse(readFileSync(whole, 'utf8')) as Report;
  const content = parseYaml(yaml) as ImportedList['content'];
  const read = readRulebook(content);
  if (read.kind === 'invalid') throw new Error(`not valid: ${JSON.stringify(read.faults)}`);
  return {
    yaml,
    report,
    rulebook: read.rulebook,
    content,
    model: (id) => content.models.find((model) => model.id === id),
    changesOf: (id) =>
      report.changes.filter(({ model }) => model === id).map(({ kind, detail }) => `${kind}: ${detail}`),
  };
}

/** What came of a list that cannot be imported. */
export function refusedList(
  { file }: ScratchFolder,
  from: FormatName,
  list: unknown,
  ...options: string[]
): Promise<Told> {
  return told(['rulebook', 'import', '--from', from, file('list.json', list), ...options]);
}

/** What one request comes to, exactly; what is refused is its code. */
export interface Priced {
  readonly model: string;
  readonly units: Units;
  readonly fields?: Readonly<Record<string, string>>;
  readonly at?: string;
}

export function amountOf(
  rulebook: Rulebook,
  { model, units, fields = {}, at = '2026-11-27T12:00:00Z' }: Priced,
): string {
  const tier = rulebook.tiers[0].id;
  const request = { model, group: null, channel: null, units, fields, at: Date.parse(at) };
  const rated = rate(rulebook, request, { tier, customMultiplier: null });
  return rated.kind === 'rated' ? toText(rated.amount) : rated.code;
}
