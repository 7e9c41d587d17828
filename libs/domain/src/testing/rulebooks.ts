import type { PublishedRulebook } from '../rulebook/rulebook';
import { readRulebook } from '../rulebook/read-rulebook';

/** A rulebook of one tier, one group and one model that costs 1 a request; what is given replaces its sections. */
export function rulebookContent(sections: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    platform: 'harbour',
    currency: 'USD',
    tiers: [{ id: 'default', rank: 1 }],
    groups: [{ id: 'default', models: ['*'] }],
    providers: { manual: {} },
    models: [{ id: 'one', group: 'default', price: { mode: 'request', unit: '1' } }],
    ...sections,
  };
}

/** A published version of such a rulebook, in force from 2020 on unless said otherwise. Throws on one that is not valid. */
export function published(
  sections: Readonly<Record<string, unknown>> = {},
  version = 1,
  effectiveFrom = '2020-01-01T00:00:00.000Z',
): PublishedRulebook {
  const read = readRulebook(rulebookContent(sections));
  if (read.kind === 'invalid') throw new Error(JSON.stringify(read.faults));
  return { version, effectiveFrom: Date.parse(effectiveFrom), sha256: '0'.repeat(64), rulebook: read.rulebook };
}
