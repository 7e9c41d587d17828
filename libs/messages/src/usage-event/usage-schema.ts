import Ajv, { type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv';
import { within } from '@meterbook/domain/rulebook/fault';
import { usageChecks, WHOLE_UNITS, type UsageCheckName } from './usage-checks';
import { MAX_FIELDS, MAX_UNIT, MAX_UNITS, type UsageEvent } from './usage-event';
import type { Fault, ValueFault } from '../reading/fault';
import { jsonType, type ValueCheck, isPlainObject } from '../reading/value-check';

/** An object with more members than this is nonsense: only its first fault is told. */
const MAX_EXPLAINED_MEMBERS = 128;

const by = (check: UsageCheckName): SchemaObject => ({ type: 'string', check });
const orNull = (check: UsageCheckName): SchemaObject => ({ type: ['string', 'null'], check });

const units: SchemaObject = {
  type: 'object',
  maxProperties: MAX_UNITS,
  propertyNames: { check: 'unitName' },
  // As the check `unit` has it, spelled out because this is what nearly every value goes through.
  patternProperties: { [WHOLE_UNITS.source]: { type: 'integer', minimum: 0, maximum: MAX_UNIT } },
  additionalProperties: { type: ['number', 'string'], check: 'measure' },
};

const fields: SchemaObject = {
  type: ['object', 'null'],
  maxProperties: MAX_FIELDS,
  propertyNames: { check: 'fieldName' },
  additionalProperties: by('fieldValue'),
};

const usageData: SchemaObject = {
  type: 'object',
  required: ['model', 'units'],
  additionalProperties: false,
  properties: {
    model: by('name'),
    units,
    apiKeyId: orNull('name'),
    group: orNull('name'),
    channel: orNull('name'),
    authorizationId: orNull('name'),
    fields,
  },
};

const usageEvent: SchemaObject = {
  type: 'object',
  required: ['specversion', 'type', 'source', 'id', 'time', 'platform', 'subject', 'data'],
  additionalProperties: false,
  properties: {
    specversion: by('specversion'),
    type: by('type'),
    source: by('identity'),
    id: by('identity'),
    time: by('time'),
    platform: by('platform'),
    subject: by('account'),
    data: usageData,
    datacontenttype: orNull('attribute'),
    dataschema: orNull('attribute'),
    traceparent: orNull('attribute'),
    tracestate: orNull('attribute'),
  },
};

function compile(allErrors: boolean): ValidateFunction<UsageEvent> {
  const ajv = new Ajv({ allErrors, verbose: allErrors, allowUnionTypes: true });
  ajv.addKeyword({
    keyword: 'check',
    schemaType: 'string',
    compile: (name: UsageCheckName) => {
      const check: ValueCheck = usageChecks[name];
      // Null is let through by the type where it is welcome, and refused by it elsewhere.
      return (value: unknown) => value === null || check(value) === undefined;
    },
  });
  return ajv.compile<UsageEvent>(usageEvent);
}

/** Whether a value is a usage event; about a microsecond. */
export const isUsageEvent = compile(false);
const isExplained = compile(true);

const outOfRange: ValueFault = { code: 'invalid_value', detail: 'must be from 0 to 10^12' };

const expectedType = (type: unknown): string => {
  const names = [type].flat();
  const named = names
    .filter((name) => name !== 'null')
    .map((name) => (name === 'object' || name === 'integer' ? `an ${name}` : `a ${String(name)}`));
  return named.join(' or ');
};

function explain(error: ErrorObject): ValueFault | undefined {
  switch (error.keyword) {
    case 'required':
      return { code: 'required', detail: 'is missing' };
    case 'additionalProperties':
      return { code: 'unknown_property', detail: 'is not known here' };
    case 'maxProperties':
      return { code: 'too_long', detail: `must hold at most ${String(error.schema)} members` };
    case 'type':
      if (error.schema === 'integer') return usageChecks.unit(error.data);
      return { code: 'invalid_type', detail: `must be ${expectedType(error.schema)}, not ${jsonType(error.data)}` };
    case 'minimum':
    case 'maximum':
      return outOfRange;
    case 'check': {
      const check: ValueCheck = usageChecks[error.schema as UsageCheckName];
      return check(error.data);
    }
    // `propertyNames` only repeats what the check inside it said.
    case 'propertyNames':
      return undefined;
  }
  throw new Error(`The schema of usage has a rule without words: ${error.keyword}.`);
}

/** Where a fault stands: a missing, unknown or badly named member has a place of its own. */
function pointerOf({ instancePath, params, propertyName }: ErrorObject): string {
  const { missingProperty, additionalProperty } = params as Readonly<Record<string, unknown>>;
  const member = propertyName ?? missingProperty ?? additionalProperty;
  return typeof member === 'string' ? within(instancePath, member) : instancePath;
}

const hasTooMany = (value: unknown): boolean =>
  isPlainObject(value) && Object.keys(value).length > MAX_EXPLAINED_MEMBERS;

function isNonsense(event: unknown): boolean {
  if (hasTooMany(event)) return true;
  const data = isPlainObject(event) ? event['data'] : undefined;
  return isPlainObject(data) && (hasTooMany(data) || hasTooMany(data['units']) || hasTooMany(data['fields']));
}

/** Every fault of a usage event by the compiled schema, one for each pointer; empty when it is one. */
export function faultsBySchema(event: unknown): readonly Fault[] {
  if (isUsageEvent(event)) return [];
  if (isNonsense(event))
    return [{ pointer: '', code: 'too_long', detail: `holds an object of more than ${MAX_EXPLAINED_MEMBERS} members` }];
  isExplained(event);
  const faults = new Map<string, Fault>();
  for (const error of isExplained.errors ?? []) {
    const [pointer, fault] = [pointerOf(error), explain(error)];
    if (fault && !faults.has(pointer)) faults.set(pointer, { pointer, ...fault });
  }
  return [...faults.values()];
}
