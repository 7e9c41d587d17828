import { checkSuccessor } from '@meterbook/domain/rulebook/read-rulebook';
import type { RulebookFault } from '@meterbook/domain/rulebook/fault';
import { versionInForce, type PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant, instantMs } from '@meterbook/domain/time/instant';
import type { NewVersion } from '@meterbook/books/version-events';
import type { ReadContent } from '@meterbook/http/rulebook/read-content';

export type VersionDecision =
  | { readonly kind: 'published'; readonly version: NewVersion }
  /** The latest version has this content already, from the instant that was asked for. */
  | { readonly kind: 'published before'; readonly version: PublishedRulebook }
  /** `more` faults than these were found. */
  | { readonly kind: 'refused'; readonly faults: readonly RulebookFault[]; readonly more: number };

/** Content that is meant to become a platform's next version. */
export interface Candidate {
  readonly platform: string;
  readonly content: Exclude<ReadContent, { kind: 'unreadable' }>;
  readonly now: number;
}

/** What was published for a platform so far. */
export interface PublishedSoFar {
  /** Those that were not withdrawn, by number. */
  readonly versions: readonly PublishedRulebook[];
  /** The highest number ever given; 0 for none. */
  readonly lastNumber: number;
}

/**
 * The next version of a platform's rules. It never takes effect before the one that is in force now, though it may do so before
 * one that is still to come; without an instant of its own it takes effect at once.
 */
export function decideVersion(
  { platform, content, now }: Candidate,
  { versions, lastNumber }: PublishedSoFar,
): VersionDecision {
  if (content.kind === 'invalid') return { kind: 'refused', faults: content.faults, more: content.more };
  if (content.platform !== platform) return { kind: 'refused', faults: [notFor(platform)], more: 0 };
  const { effectiveFrom: asked, sha256, text } = content;
  const latest = versions.at(-1);
  const askedMs = asked === null ? null : instantMs(asked);
  if (latest?.sha256 === sha256 && (askedMs === null || askedMs === latest.effectiveFrom))
    return { kind: 'published before', version: latest };
  const effectiveFrom = askedMs ?? now;
  const faults = latest ? [...checkSuccessor(latest.rulebook, content)] : [];
  const inForce = versionInForce(versions, now);
  if (inForce && effectiveFrom < inForce.effectiveFrom) faults.push(tooEarly(inForce.effectiveFrom));
  if (faults.length > 0) return { kind: 'refused', faults, more: 0 };
  const version = lastNumber + 1;
  return { kind: 'published', version: { version, effectiveFrom: formatInstant(effectiveFrom), sha256, text } };
}

function notFor(platform: string): RulebookFault {
  return { pointer: '/platform', code: 'invalid_value', detail: `it is published for ${platform}` };
}

function tooEarly(earliestMs: number): RulebookFault {
  const detail = `it never lies before that of the version in force, ${formatInstant(earliestMs)}`;
  return { pointer: '/effectiveFrom', code: 'invalid_value', detail };
}
