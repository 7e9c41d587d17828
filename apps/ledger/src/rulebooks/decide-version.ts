import { checkSuccessor, readRulebook } from '@meterbook/domain/rulebook/read-rulebook';
import type { RulebookPublished } from '@meterbook/domain/rulebook/events';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';

export type VersionDecision =
  | { readonly kind: 'published'; readonly event: RulebookPublished }
  /** The latest version has this content already. */
  | { readonly kind: 'published before'; readonly version: PublishedRulebook }
  /** `more` faults than these were found. */
  | { readonly kind: 'refused'; readonly faults: readonly RulebookFault[]; readonly more: number };

/** Content that is meant to become a platform's next version. */
export interface Candidate {
  readonly platform: string;
  readonly content: unknown;
  readonly now: number;
  /** Hex SHA-256 of the canonical JSON of a content that can be read. */
  readonly sha256Of: (content: Readonly<Record<string, unknown>>) => string;
}

/** The next version of a platform's rules. It never takes effect before the one before it; without an instant of its own it does so at once. */
export function decideVersion(
  { platform, content, now, sha256Of }: Candidate,
  versions: readonly PublishedRulebook[],
): VersionDecision {
  const read = readRulebook(content);
  if (read.kind === 'invalid') return { kind: 'refused', faults: read.faults, more: read.more };
  if (read.rulebook.platform !== platform) return { kind: 'refused', faults: [notFor(platform)], more: 0 };
  const { effectiveFrom: asked, ...rules } = content as Readonly<Record<string, unknown>>;
  const sha256 = sha256Of(rules);
  const latest = versions.at(-1);
  if (latest?.sha256 === sha256) return { kind: 'published before', version: latest };
  const earliest = latest?.effectiveFrom ?? -Infinity;
  const effectiveFrom = typeof asked === 'string' ? instantMs(asked) : Math.max(now, earliest);
  const faults = latest ? [...checkSuccessor(latest.rulebook, read.rulebook)] : [];
  if (effectiveFrom < earliest) faults.push(tooEarly(earliest));
  if (faults.length > 0) return { kind: 'refused', faults, more: 0 };
  const version = versions.length + 1;
  return {
    kind: 'published',
    event: { type: 'RulebookPublished', version, effectiveFrom: formatInstant(effectiveFrom), sha256, rulebook: rules },
  };
}

function notFor(platform: string): RulebookFault {
  return { pointer: '/platform', code: 'invalid_value', detail: `it is published for ${platform}` };
}

function tooEarly(earliestMs: number): RulebookFault {
  const detail = `it never lies before the last version's, ${formatInstant(earliestMs)}`;
  return { pointer: '/effectiveFrom', code: 'invalid_value', detail };
}
