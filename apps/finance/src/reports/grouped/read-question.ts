import { within } from '@meterbook/domain/rulebook/fault';
import { instantMs } from '@meterbook/domain/time/instant';
import { isZone } from '@meterbook/domain/time/zone-clock';
import { DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS } from '@meterbook/http/request/page-limit';
import { requestProblem } from '@meterbook/http/request/read-request';
import type { Fault } from '@meterbook/messages/reading/fault';
import { instant } from '@meterbook/messages/reading/value-check';
import { defaultZone, type Basis } from '../axes';
import { QUARTER_MS } from './calendar';
import { labelOf, type ReportDeclaration } from './declaration';
import type { GroupCursor } from './group-cursor';
import type { Question } from './question';

/** A query as it arrives: a parameter that is repeated is a list. */
export type RawQuery = Readonly<Record<string, unknown>>;

/** Reads the query of one report, and notes every fault of it. */
class QueryReader {
  readonly faults: Fault[] = [];

  constructor(
    private readonly declaration: ReportDeclaration,
    private readonly query: RawQuery,
  ) {}

  refuse(name: string, detail: string, code: Fault['code'] = 'invalid_value'): void {
    this.faults.push({ pointer: within('', name), code, detail });
  }

  /** A parameter that stands once at the most; undefined where it is absent. */
  text(name: string): string | undefined {
    const value = this.query[name];
    if (value === undefined || typeof value === 'string') return value;
    this.refuse(name, 'must stand once');
    return undefined;
  }

  texts(name: string): readonly string[] {
    const value = this.query[name];
    return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
  }

  oneOf<T extends string>(name: string, known: readonly T[], otherwise: T): T {
    const text = this.text(name);
    const found = known.find((value) => value === text);
    if (text !== undefined && found === undefined) this.refuse(name, `must be one of ${known.join(', ')}`);
    return found ?? otherwise;
  }

  zone(): string {
    const name = this.text('zone');
    if (name === undefined || isZone(name)) return name ?? defaultZone;
    this.refuse('zone', 'must be the name of a time zone, such as Asia/Shanghai');
    return defaultZone;
  }

  /** Milliseconds since 1970; null where it is absent. */
  instant(name: string, onQuarter: boolean): number | null {
    const text = this.text(name);
    if (text === undefined) return null;
    const fault = instant(text);
    if (fault) {
      this.faults.push({ pointer: within('', name), ...fault });
      return null;
    }
    const at = instantMs(text);
    if (onQuarter && at % QUARTER_MS !== 0) this.refuse(name, 'must lie on a quarter of an hour');
    return at;
  }

  /** The dimensions that are grouped by, in the order asked for. */
  groupBy(): readonly string[] {
    const names = this.texts('groupBy').flatMap((list) => list.split(','));
    for (const [at, name] of names.entries()) {
      if (!this.isDimension(name)) this.refuse('groupBy', `${JSON.stringify(name)} is no dimension of this report`);
      else if (names.indexOf(name) < at) this.refuse('groupBy', `${name} stands twice`);
    }
    return names;
  }

  filters(): Question['filters'] {
    return Object.keys(this.query)
      .filter((name) => this.isDimension(name))
      .map((name) => [name, this.texts(name)]);
  }

  limit(): number {
    const text = this.text('limit');
    if (text === undefined) return DEFAULT_PAGE_ITEMS;
    if (/^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= MAX_PAGE_ITEMS) return Number(text);
    this.refuse('limit', `must be a whole number from 1 to ${MAX_PAGE_ITEMS}`);
    return DEFAULT_PAGE_ITEMS;
  }

  refuseUnknown(known: readonly string[]): void {
    for (const name of Object.keys(this.query))
      if (!known.includes(name) && !this.isDimension(name)) this.refuse(name, 'is not known here', 'unknown_property');
  }

  private isDimension(name: string): boolean {
    const label = labelOf(name);
    // Whether some rulebook names it is asked where the rulebooks are read.
    if (label !== undefined) return this.declaration.hasLabels;
    return this.declaration.dimensions.includes(name);
  }
}

/** Names of the parameters that say which instants a report is about. */
export function instantNames({ kind }: Pick<ReportDeclaration, 'kind'>): readonly string[] {
  return kind === 'movements' ? ['from', 'to'] : ['asOf'];
}

/**
 * What a query asks of a report; throws `invalid_request` with every fault.
 *
 * @param now milliseconds since 1970: what time alone changes is derived as of then where no end is asked for
 * @param whole whether all items are told, and not a page of them
 */
export function readQuestion(
  declaration: ReportDeclaration,
  platform: string,
  query: RawQuery,
  { cursor, now, whole }: { readonly cursor: GroupCursor; readonly now: number; readonly whole: boolean },
): Question {
  const reader = new QueryReader(declaration, query);
  const basis = reader.oneOf<Basis>('basis', ['booked', 'occurred'], 'booked');
  const { from, end } = periodIn(reader, declaration, basis);
  const groupBy = reader.groupBy();
  const filters = reader.filters();
  const [zone, limit, place] = [reader.zone(), reader.limit(), reader.text('cursor')];
  const mark = place === undefined ? undefined : cursor.read(place, groupBy.length);
  if (place !== undefined && !mark) reader.refuse('cursor', 'must be a cursor of an earlier answer');
  reader.refuseUnknown(['basis', 'zone', 'groupBy', 'limit', 'cursor', ...instantNames(declaration)]);
  if (reader.faults.length > 0) throw requestProblem(reader.faults);
  const derivedAt = end ?? mark?.derivedAt ?? now;
  const page = whole ? null : { after: mark?.after ?? null, limit };
  return { report: declaration.name, platform, basis, zone, from, end, derivedAt, groupBy, filters, page };
}

function periodIn(
  reader: QueryReader,
  { kind }: ReportDeclaration,
  basis: Basis,
): { readonly from: number | null; readonly end: number | null } {
  if (kind === 'balances') return { from: null, end: reader.instant('asOf', basis === 'occurred') };
  const [from, end] = [reader.instant('from', true), reader.instant('to', true)];
  if (from !== null && end !== null && from > end) reader.refuse('from', 'lies after the end of the period');
  return { from, end };
}
