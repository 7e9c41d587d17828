import { checkSuccessor } from '@meterbook/domain/rulebook/read-rulebook';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import type { NewVersion } from '@meterbook/books/version-events';
import type { ReadContent } from './read-content';

export type VersionDecision =
  | { readonly kind: 'published'; readonly version: NewVersion }
  /** The latest version has this content already. */
  | { readonly kind: 'published before'; readonly version: PublishedRulebook }
  /** `more` faults than these were found. */
  | { readonly kind: 'refused'; readonly faults: readonly RulebookFault[]; readonly more: number };

/** Content that is meant to become a platform's next version. */
export interface Candidate {
  readonly platform: string;
  readonly content: Exclude<ReadContent, { kind: 'unreadable' }>;
  readonly now: number;
}

/** The next version of a platform's rules. It never takes effect before the one before it; without an instant of its own it does so at once. */
export function decideVersion(
  { platform, content, now }: Candidate,
  versions: readonly PublishedRulebook[],
): VersionDecision {
  if (content.kind === 'invalid') return { kind: 'refused', faults: content.faults, more: content.more };
  if (content.platform !== platform) return { kind: 'refused', faults: [notFor(platform)], more: 0 };
  const { effectiveFrom: asked, sha256, text } = content;
  const latest = versions.at(-1);
  if (latest?.sha256 === sha256) return { kind: 'published before', version: latest };
  const earliest = latest?.effectiveFrom ?? -Infinity;
  const effectiveFrom = asked === null ? Math.max(now, earliest) : instantMs(asked);
  const faults = latest ? [...checkSuccessor(latest.rulebook, content)] : [];
  if (effectiveFrom < earliest) faults.push(tooEarly(earliest));
  if (faults.length > 0) return { kind: 'refused', faults, more: 0 };
  const version = versions.length + 1;
  return { kind: 'published', version: { version, effectiveFrom: formatInstant(effectiveFrom), sha256, text } };
}

function notFor(platform: string): RulebookFault {
  return { pointer: '/platform', code: 'invalid_value', detail: `it is published for ${platform}` };
}

function tooEarly(earliestMs: number): RulebookFault {
  const detail = `it never lies before the last version's, ${formatInstant(earliestMs)}`;
  return { pointer: '/effectiveFrom', code: 'invalid_value', detail };
}
