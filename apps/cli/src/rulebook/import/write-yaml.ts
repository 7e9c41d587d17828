import { Document, isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Change } from './findings';
import { changes } from './findings';
import type { ImportedRulebook } from './rulebook-content';

/** Keys of a model whose value stands below them, part by part; all others are written in one line. */
const spread: ReadonlySet<string> = new Set(['price', 'bands', 'windows', 'fieldMultipliers']);

/**
 * A rulebook as YAML that a person reads and edits: a model a block, prices in quotes, rows in a line each, and beside each model
 * what was changed about it. `heading` comes first.
 */
export function rulebookYaml(
  { content, models }: ImportedRulebook,
  changed: ReadonlyMap<string, readonly Change[]>,
  heading: readonly string[],
): string {
  const document = new Document(content);
  document.commentBefore = heading.map((line) => ` ${line}`).join('\n');
  const root = document.contents as YAMLMap;
  for (const { key, value } of root.items) {
    if (String(key) !== 'models' && isSeq(value)) for (const item of value.items) if (isMap(item)) item.flow = true;
  }
  const items = (root.get('models') as YAMLSeq<YAMLMap>).items;
  let provider: string | null | undefined;
  for (const [index, { id, provider: of }] of models.entries()) {
    const model = items[index];
    if (model === undefined) continue;
    layOut(model);
    const lines = of === provider ? [] : [of === null ? ' provider unknown' : ` provider ${oneLine(of)}`];
    provider = of;
    lines.push(...(changed.get(id) ?? []).map(({ kind, detail }) => ` ${changes[kind]}: ${oneLine(detail)}`));
    if (lines.length > 0) model.commentBefore = lines.join('\n');
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function layOut(map: YAMLMap): void {
  for (const { key, value } of map.items) {
    const isSpread = spread.has(String(key));
    if (isMap(value)) {
      if (isSpread) layOut(value);
      else value.flow = true;
    } else if (isSeq(value)) {
      if (!isSpread) value.flow = true;
      for (const item of value.items) if (isMap(item)) item.flow = true;
    }
  }
}

/** A comment must not end early: what a list says could go on as YAML. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]+/gu, ' ');
}
