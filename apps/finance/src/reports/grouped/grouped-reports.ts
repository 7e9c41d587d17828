import { Problem } from '@meterbook/http/problem/problem';
import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { KnownFacts, PlatformFacts } from '../../projections/platform-facts';
import type { ProjectionReader } from '../../projections/projection-reader';
import { damagedOf } from '../damaged-accounts';
import { declarationOf } from './declared-reports';
import { labelOf, type ReportDeclaration } from './declaration';
import { Groups } from './groups';
import { Grouping, type Question } from './question';
import { reportSources } from './sources';
import type { ReportSource } from './source';
import type { GroupedReport } from './write-groups';

/** Adds up figures by groups, from projections and never from events. */
export class GroupedReports {
  private readonly sources: Readonly<Record<string, ReportSource>>;

  constructor(
    store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
    private readonly facts: KnownFacts,
  ) {
    this.sources = reportSources(store, clock);
  }

  /** Throws the problem `unknown_label` where no rulebook of the platform names a label that is asked for. */
  async open(question: Question): Promise<GroupedReport> {
    const declaration = declarationOf(question.report);
    const source = this.sources[question.report];
    if (!source) throw new Error(`nothing adds up ${question.report}`);
    const facts = await this.facts.of(question.platform);
    const grouping = new Grouping(question);
    refuseUnknownLabels(grouping.needed, facts);
    const passed = await this.isPassed(question, declaration);
    const groups = new Groups(declaration.measures);
    const snapshot = this.reader.snapshot(declaration.projection);
    const { currency } = facts;
    const damaged = snapshot ? damagedOf(snapshot.damaged, question.platform) : { count: 0, accounts: [] };
    try {
      if (snapshot) await source(snapshot, question, grouping, groups);
      const { watermark, bookedAt } = snapshot?.progress ?? { watermark: -1, bookedAt: -1 };
      // Without an end what is dated ahead is in it: asked for by the instant, later, it would not be.
      const hasEnd = question.end !== null || (declaration.kind === 'balances' && bookedAt <= question.derivedAt);
      return {
        question,
        declaration,
        currency,
        watermark,
        // An account that is mended later will have had more in it.
        final: passed && hasEnd && damaged.count === 0,
        damaged,
        groups,
      };
    } catch (error) {
      groups.close();
      throw error;
    } finally {
      snapshot?.close();
    }
  }

  /** Waits up to a second for what the report is about; true where nothing of it can come any more. */
  private async isPassed(
    { basis, end, derivedAt }: Question,
    { kind, projection }: ReportDeclaration,
  ): Promise<boolean> {
    const now = this.clock.now();
    const last = end === null ? derivedAt : kind === 'movements' ? end - 1 : end;
    const awaited = basis === 'booked' ? Math.min(last, now) : now;
    const isFolded = await this.reader.isFinalAt(projection, awaited);
    return isFolded && basis === 'booked' && awaited === last;
  }
}

/** Throws the problem `unknown_label` where no rulebook names a label that is asked for. */
export function refuseUnknownLabels(dimensions: ReadonlySet<string>, facts: PlatformFacts): void {
  for (const dimension of dimensions) {
    const label = labelOf(dimension);
    if (label === undefined || facts.names(label)) continue;
    throw new Problem('unknown_label', `No rulebook of the platform names the label ${JSON.stringify(label)}.`);
  }
}
