import { hash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { MAX_RULEBOOK_BYTES } from '@meterbook/http/rulebook/rulebook-limits';
import { readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import { parseJson, UnreadableText } from '@meterbook/messages/reading/json-text';
import { Misused, type Surroundings } from '../../command';
import { exitCodes, type ExitCode } from '../../exit-code';
import { boundedText, UnusableFile } from '../file/bounded-file';
import { validRulebook } from '../file/rulebook-file';
import type { Choices } from './choices';
import { Findings } from './findings';
import { formats, type FormatName } from './formats';
import { choicesOf, type ImportOptions } from './import-options';
import type { Content } from './model-content';
import { reportLines, reportOf, type Report } from './report';
import { rulebookContent, UnusableList, type ImportedRulebook } from './rulebook-content';
import { rulebookYaml } from './write-yaml';

/** Largest price list that is read: those there are have two megabytes. */
const MAX_PRICE_LIST_BYTES = 64 * 1024 * 1024;

/** Makes a rulebook of a price list, and tells what became of each entry. */
export async function importPriceList(
  path: string,
  options: ImportOptions,
  { terminal }: Surroundings,
): Promise<ExitCode> {
  const { output, report: reportFile, json } = options;
  if (json && output === undefined)
    throw new Misused('--json needs --output: standard output has room for one of both');
  const choices = choicesOf(options);
  for (const file of [output, reportFile]) if (file !== undefined) refuseOverwriting(file, options);
  const around = options.around === undefined ? undefined : aroundOf(options.around, choices);
  const text = boundedText(path, MAX_PRICE_LIST_BYTES);
  const { yaml, report, rulebook } = imported(text, basename(path), options.from, choices, around);
  if (reportFile !== undefined) write(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  if (output === undefined) {
    terminal.line(yaml.trimEnd());
    for (const line of reportLines(report)) terminal.note(line);
  } else {
    write(output, yaml);
    if (json) terminal.json(report);
    else for (const line of reportLines(report)) terminal.line(line);
    if (!json)
      terminal.line(`${output}: ${rulebook.models.length} models, prices in ${String(rulebook.content['currency'])}.`);
  }
  return exitCodes.well;
}

interface Imported {
  readonly rulebook: ImportedRulebook;
  readonly yaml: string;
  readonly report: Report;
}

/** A rulebook of the text of a list. Throws `UnusableFile` and `UnusableList`. */
export function imported(text: string, name: string, from: FormatName, choices: Choices, around?: Content): Imported {
  const findings = new Findings();
  const rulebook = rulebookContent(formats[from](parsed(text, name), choices, findings), choices, findings, around);
  const report = reportOf(rulebook, findings);
  refuseInvalid(rulebook);
  const heading = [
    `Made by \`meterbook rulebook import --from ${from}\` of ${name} (SHA-256 ${hash('sha256', text, 'hex')}).`,
    `${report.taken} models, ${report.takenWithAChange} of them with a change; ${report.leftOut} entries left out.`,
    `Prices in ${choices.currency}, of 1,000,000 tokens where they are of tokens.`,
  ];
  const yaml = rulebookYaml(rulebook, findings.changed, heading);
  if (Buffer.byteLength(yaml) > MAX_RULEBOOK_BYTES)
    report.warnings.push(
      `the YAML is larger than the ${MAX_RULEBOOK_BYTES} bytes that a service takes: choose models with --only or --provider`,
    );
  return { rulebook, yaml, report };
}

function parsed(text: string, name: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error;
    throw new UnusableFile(
      `${name} cannot be read as JSON.`,
      'Numbers such as NaN and Infinity are none in JSON, and a file that was cut short is none either.',
    );
  }
}

/** Each model has been read before; what is around it may not fit it. */
function refuseInvalid({ content }: ImportedRulebook): void {
  const read = readRulebook(content);
  if (read.kind === 'valid') return;
  const [first] = read.faults;
  const where = first ? `${first.pointer}: ${first.detail}` : 'it is faulty';
  throw new UnusableList(
    `The models do not fit the rulebook around them: ${where}.`,
    'Look at --group, --tier and --around.',
  );
}

/** Everything of a rulebook but its models. Its prices have to be in the same money. */
function aroundOf(path: string, { currency }: Choices): Content {
  const { content, rulebook } = validRulebook(path);
  if (rulebook.currency !== currency)
    throw new Misused(
      `--around ${path} has prices in ${rulebook.currency}: say --currency ${rulebook.currency}, and --rate where it is not USD`,
    );
  return content as Content;
}

function refuseOverwriting(path: string, { force }: ImportOptions): void {
  if (!force && existsSync(path)) throw new Misused(`${path} is there already: name another file, or say --force`);
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'nothing';
    throw new UnusableFile(`${path} cannot be written: the system says ${code}.`, 'Name another file.');
  }
}
