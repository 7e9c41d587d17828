import { within } from '@meterbook/domain/rulebook/fault';
import { instantMs } from '@meterbook/domain/time/instant';
import { isZone } from '@meterbook/domain/time/zone-clock';
import { requestProblem } from '@meterbook/http/request/read-request';
import type { Fault, ValueFault } from '@meterbook/messages/reading/fault';
import { amountOf, idempotencyId, instant, type ValueCheck } from '@meterbook/messages/reading/value-check';
import { defaultZone } from '../reports/axes';
import type { Granularity, ReconciliationQuestion } from './question';

/** A query as it arrives: a parameter that is repeated is a list. */
export type RawQuery = Readonly<Record<string, unknown>>;

const granularities: readonly Granularity[] = ['request', 'hour', 'day', 'month'];
/** Those that may be repeated. */
const repeated: readonly string[] = ['channel', 'map'];
const once: readonly string[] = [
  ...['from', 'to', 'granularity', 'zone', 'absolute', 'ratio', 'currency'],
  ...['time', 'model', 'amount', 'request'],
];
/** Models of the bill that may be renamed. */
const MAX_RENAMED = 1_000;
const MAX_CURRENCY_UNITS = 12;

const columnName: ValueCheck = (value) =>
  value === '' ? { code: 'invalid_value', detail: 'names no column' } : undefined;
const currencyName: ValueCheck = (value) =>
  typeof value === 'string' && value !== '' && value.length <= MAX_CURRENCY_UNITS
    ? undefined
    : { code: 'invalid_value', detail: 'must be a currency' };
const zoneName: ValueCheck = (value) =>
  typeof value === 'string' && isZone(value)
    ? undefined
    : { code: 'invalid_value', detail: 'must be the name of a time zone, such as Asia/Shanghai' };
const granularityName: ValueCheck = (value) =>
  granularities.some((known) => known === value)
    ? undefined
    : { code: 'invalid_value', detail: `must be one of ${granularities.join(', ')}` };

/** Reads a query, and notes every fault of it. */
class Reader {
  readonly faults: Fault[] = [];

  constructor(private readonly query: RawQuery) {}

  refuse(name: string, fault: ValueFault): void {
    this.faults.push({ pointer: within('', name), ...fault });
  }

  /** A parameter that stands once at the most; undefined where it is absent or refused. */
  text(name: string, check: ValueCheck): string | undefined {
    const value = this.query[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string') {
      this.refuse(name, { code: 'invalid_type', detail: 'must stand once' });
      return undefined;
    }
    const fault = check(value);
    if (!fault) return value;
    this.refuse(name, fault);
    return undefined;
  }

  /** The same of one that has to be there. */
  needed(name: string, check: ValueCheck): string {
    if (this.query[name] === undefined) this.refuse(name, { code: 'required', detail: 'is missing' });
    return this.text(name, check) ?? '';
  }

  texts(name: string): readonly string[] {
    const value = this.query[name];
    return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
  }

  refuseUnknown(): void {
    for (const name of Object.keys(this.query))
      if (!once.includes(name) && !repeated.includes(name))
        this.refuse(name, { code: 'unknown_property', detail: 'is not known here' });
  }
}

/** What a request asks beside its bill. Throws `invalid_request` with every fault, or `invalid_amount`. */
export function readReconciliation(
  platform: string,
  reconciliationId: string,
  query: RawQuery,
): ReconciliationQuestion {
  const reader = new Reader(query);
  const idFault = idempotencyId(reconciliationId);
  if (idFault) reader.refuse('reconciliationId', idFault);
  const [from, to] = [reader.needed('from', instant), reader.needed('to', instant)].map(instantMs);
  const granularity = reader.needed('granularity', granularityName) as Granularity;
  const isByRequest = granularity === 'request';
  const column = (name: string, isNeeded: boolean): string | null =>
    (isNeeded ? reader.needed(name, columnName) : reader.text(name, columnName)) ?? null;
  const columns = {
    amount: column('amount', true) ?? '',
    time: column('time', !isByRequest),
    model: column('model', false),
    request: column('request', isByRequest),
  };
  const [zone, currency] = [reader.text('zone', zoneName), reader.text('currency', currencyName)];
  const [absolute = '0', ratio = '0'] = ['absolute', 'ratio'].map((name) =>
    reader.text(name, amountOf('not-negative')),
  );
  const models = modelsIn(reader);
  reader.refuseUnknown();
  if (from !== undefined && to !== undefined && from > to)
    reader.refuse('from', { code: 'invalid_value', detail: 'lies after the end of the bill' });
  if (reader.faults.length > 0 || from === undefined || to === undefined) throw requestProblem(reader.faults);
  return {
    platform,
    from,
    to,
    granularity,
    zone: zone ?? defaultZone,
    channels: reader.texts('channel'),
    absolute,
    ratio,
    currency: currency ?? null,
    columns,
    models,
  };
}

/** `map=theirs=ours`: what stands before the first `=` is called what stands behind it. */
function modelsIn(reader: Reader): ReconciliationQuestion['models'] {
  const models = reader.texts('map').map((text): [string, string] => {
    const at = text.indexOf('=');
    return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  });
  if (models.some(([theirs, ours]) => theirs === '' || ours === ''))
    reader.refuse('map', { code: 'invalid_value', detail: 'must be theirs=ours' });
  if (models.length > MAX_RENAMED) reader.refuse('map', { code: 'too_long', detail: `may stand ${MAX_RENAMED} times` });
  return models;
}

/** The query as it is written down: each parameter with its values, as they were sent. */
export function writtenQuery(query: RawQuery): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)]),
  );
}
