import { compare, one } from '@meterbook/domain/amount/decimal';
import type { Choices } from '../choices';
import { exactNumber } from '../exact-number';
import type { Changes } from '../findings';
import type { ImportedMultiplier } from '../imported-model';
import { membersOf } from '../json-value';

const residencyField = /^regional_processing_uplift_multiplier_(.+)$/;
const region = /^[a-z]{2,}(-[a-z0-9]+)*$/;

/** What multiplies a price by where and how fast a request is served. */
export function multipliers(
  entry: ReadonlyMap<string, unknown>,
  { fields }: Choices,
  changes: Changes,
): readonly ImportedMultiplier[] {
  const found: ImportedMultiplier[] = [];
  const add = (field: string, equals: string, value: unknown, name: string) => {
    if (value === null || value === undefined) return;
    const multiplier = exactNumber(value, name);
    if (compare(multiplier, one) !== 0) found.push({ field, equals, multiplier });
  };
  for (const [name, value] of entry) {
    const [, residency] = residencyField.exec(name) ?? [];
    if (residency !== undefined) add(fields.residency, residency, value, name);
  }
  add(
    fields.endpoint,
    'regional',
    entry.get('regional_endpoint_uplift_multiplier'),
    'regional_endpoint_uplift_multiplier',
  );
  for (const [name, value] of membersOf(entry.get('provider_specific_entry')) ?? []) {
    const field = name === 'fast' ? fields.speed : fields.region;
    if (typeof value === 'number' && region.test(name)) add(field, name, value, `provider_specific_entry.${name}`);
    else changes('left_out', `provider_specific_entry.${name}`);
  }
  return found;
}
