import { instantMs } from '@meterbook/domain/time/instant';

type Rule = (value: unknown) => string | null;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text =
  (least: number, mostBytes: number): Rule =>
  (value) => {
    if (typeof value !== 'string') return 'invalid_type';
    if (value.length < least) return 'invalid_value';
    if (new TextEncoder().encode(value).length > mostBytes) return 'too_long';
    return /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value) ? 'invalid_value' : null;
  };

const like =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value !== 'string' ? 'invalid_type' : pattern.test(value) ? null : 'invalid_value';

const instant: Rule = (value) =>
  typeof value !== 'string' ? 'invalid_type' : Number.isNaN(instantMs(value)) ? 'invalid_value' : null;

const orNull =
  (rule: Rule): Rule =>
  (value) =>
    value === null ? null : rule(value);

const inRange = (value: number): string | null => (value >= 0 && value <= 1e12 ? null : 'invalid_value');

const whole: Rule = (value) =>
  typeof value !== 'number' ? 'invalid_type' : Number.isInteger(value) ? inRange(value) : 'invalid_value';

const measure: Rule = (value) => {
  if (typeof value !== 'number' && typeof value !== 'string') return 'invalid_type';
  if (typeof value === 'number' && Number.isInteger(value)) return inRange(value);
  if (!/^-?(0|[1-9]\d{0,17})(\.\d{0,11}[1-9])?$/.test(String(value)) || value === '-0') return 'invalid_amount';
  return inRange(String(value).startsWith('1000000000000.') ? Infinity : Number(value));
};

const money: Rule = (value) => {
  if (typeof value !== 'string' || value === '-0') return 'invalid_amount';
  if (!/^-?(0|[1-9]\d{0,17})(\.\d{0,11}[1-9])?$/.test(value)) return 'invalid_amount';
  return value.startsWith('-') ? 'invalid_value' : null;
};

const unit = (name: string): Rule =>
  ['requests', 'images', 'width', 'height'].includes(name) || name.endsWith('Tokens') ? whole : measure;

const attributes: Readonly<Record<string, Rule>> = {
  specversion: like(/^1\.0$/),
  type: like(/^usage\.recorded$/),
  source: text(1, 256),
  id: text(1, 256),
  time: instant,
  platform: like(/^[a-z0-9][a-z0-9-]{0,62}$/),
  subject: like(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/),
};
const optionalAttributes: Readonly<Record<string, Rule>> = {
  datacontenttype: orNull(text(0, 2048)),
  dataschema: orNull(text(0, 2048)),
  traceparent: orNull(text(0, 2048)),
  tracestate: orNull(text(0, 2048)),
};
const names: Readonly<Record<string, Rule>> = {
  apiKeyId: orNull(text(1, 256)),
  group: orNull(text(1, 256)),
  channel: orNull(text(1, 256)),
  authorizationId: orNull(text(1, 256)),
  upstreamCost: orNull(money),
};

/** Collects faults as `pointer code`. */
class Faults {
  readonly found: string[] = [];

  note(pointer: string, code: string | null): void {
    if (code !== null) this.found.push(`${pointer} ${code}`);
  }

  /** An object with members that have to be there and others that may. */
  object(at: string, value: unknown, required: Record<string, Rule>, optional: Record<string, Rule>): void {
    if (!isObject(value)) return this.note(at, 'invalid_type');
    for (const name of Object.keys(required)) if (!Object.hasOwn(value, name)) this.note(`${at}/${name}`, 'required');
    const rules: Record<string, Rule> = { ...required, ...optional };
    for (const [name, member] of Object.entries(value)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      this.note(`${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, rule ? rule(member) : 'unknown_property');
    }
  }

  /** An object whose members are named freely. */
  members(at: string, value: unknown, most: number, nameRule: Rule, ruleOf: (name: string) => Rule): void {
    if (!isObject(value)) return this.note(at, 'invalid_type');
    if (Object.keys(value).length > most) this.note(at, 'too_long');
    for (const [name, member] of Object.entries(value))
      this.note(`${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, nameRule(name) ?? ruleOf(name)(member));
  }
}

const unitName: Rule = (name) => (/^[A-Za-z][A-Za-z0-9_.-]{0,133}$/.test(String(name)) ? null : 'unknown_property');
const fieldName: Rule = (name) => (name === '__proto__' ? 'invalid_value' : text(1, 128)(name));

const labelName: Rule = (name) => (/^[a-z][a-z0-9_]{0,31}$/.test(String(name)) ? null : 'invalid_value');
const labelValue: Rule = (value) => (value === '(other)' ? 'invalid_value' : text(1, 64)(value));

/** The faults of a usage event by its rules written down once more, plainly and without the schema: the measure of the schema. */
export function naiveFaults(event: unknown): string[] {
  const faults = new Faults();
  /** Looked at on its own. */
  const later: Rule = () => null;
  faults.object('', event, { ...attributes, data: later }, optionalAttributes);
  if (!isObject(event) || !Object.hasOwn(event, 'data')) return faults.found.sort();
  const { data } = event;
  faults.object('/data', data, { model: text(1, 256), units: later }, { ...names, fields: later, labels: later });
  if (!isObject(data)) return faults.found.sort();
  if (Object.hasOwn(data, 'units')) faults.members('/data/units', data['units'], 64, unitName, unit);
  if (Object.hasOwn(data, 'fields') && data['fields'] !== null)
    faults.members('/data/fields', data['fields'], 32, fieldName, () => text(0, 1024));
  if (Object.hasOwn(data, 'labels') && data['labels'] !== null)
    faults.members('/data/labels', data['labels'], 10, labelName, () => labelValue);
  return faults.found.sort();
}
