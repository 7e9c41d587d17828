import type { Clock } from '@meterbook/runtime/clock';
import { chargeSources } from '../charges/charge-sources';
import type { ReportSource } from './source';

/** What adds up each report, by its name. */
export function reportSources(clock: Clock): Readonly<Record<string, ReportSource>> {
  return { ...chargeSources(clock) };
}
