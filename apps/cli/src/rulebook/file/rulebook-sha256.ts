import { hash } from 'node:crypto';
import { canonicalJson } from '@meterbook/domain/rulebook/canonical-json';

/** A rulebook's content without the instant from which on it holds. */
export function rulesOf(content: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(content as object).filter(([key]) => key !== 'effectiveFrom'));
}

/** The SHA-256 under which a service publishes a valid rulebook, in hex: of its canonical JSON, without `effectiveFrom`. */
export function sha256Of(content: unknown): string {
  return hash('sha256', canonicalJson(rulesOf(content)), 'hex');
}
