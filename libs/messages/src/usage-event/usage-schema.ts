import Ajv, { type ErrorObject, type SchemaObject, type ValidateFunction } from 'ajv';
import { within } from '@meterbook/domain/rulebook/fault';
import { MAX_LABELS } from '@meterbook/domain/usage/labels';
import { usageChecks, WHOLE_UNITS, type UsageCheckName } from './usage-checks';
import { MAX_FIELDS, MAX_UNIT, MAX_UNITS, USAGE_EVENT_TYPE, type UsageEvent } from './usage-event';
import type { Fault, ValueFault } from '../reading/fault';
import { jsonType, type ValueCheck, isPlainObject } from '../reading/value-check';

/** An object with more members than this is nonsense: only its first fault is told. */
const MAX_EXPLAINED_MEMBERS = 128;

/** A text under one of the checks, with the words that OpenAPI shows. */
const by = (check: UsageCheckName, description: string, ...examples: readonly string[]): SchemaObject => ({
  type: 'string',
  check,
  description,
  ...(examples.length > 0 ? { examples } : {}),
});
/** The same, which may also be left out or null. */
const orNull = (...words: Parameters<typeof by>): SchemaObject => ({ ...by(...words), type: ['string', 'null'] });

const units: SchemaObject = {
  type: 'object',
  description:
    'What was used: `inputTokens`, `outputTokens`, `requests`, `seconds`, `width`, `height`, `images`, `count`, `{kind}Tokens` for every special kind, and the names of extras. Whole numbers from 0 to 10^12; `seconds`, `count` and extras may also be decimal strings.',
  examples: [{ inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 }],
  maxProperties: MAX_UNITS,
  propertyNames: { check: 'unitName' },
  // As the check `unit` has it, spelled out because this is what nearly every value goes through.
  patternProperties: { [WHOLE_UNITS.source]: { type: 'integer', minimum: 0, maximum: MAX_UNIT } },
  additionalProperties: { type: ['number', 'string'], check: 'measure' },
};

const fields: SchemaObject = {
  type: ['object', 'null'],
  description: 'Fields of the request that a rulebook may multiply by.',
  examples: [{ priority: 'priority' }],
  maxProperties: MAX_FIELDS,
  propertyNames: { check: 'fieldName' },
  additionalProperties: { type: 'string', check: 'fieldValue' },
};

const labels: SchemaObject = {
  type: ['object', 'null'],
  description: 'Whose cost it is: kept with the charge, never priced. At most 10, of 1 to 64 bytes each.',
  examples: [{ team: 'search' }],
  maxProperties: MAX_LABELS,
  propertyNames: { check: 'labelKey' },
  additionalProperties: { type: 'string', check: 'labelValue' },
};

const usageData: SchemaObject = {
  type: 'object',
  description: 'What was used.',
  required: ['model', 'units'],
  additionalProperties: false,
  properties: {
    model: by('name', 'The model that was used.', 'claude-sonnet'),
    units,
    apiKeyId: orNull('name', 'The API key that was used.', 'key-1'),
    group: orNull('name', "The group to charge under; absent: the API key's, else the model's.", 'vip'),
    channel: orNull('name', 'The upstream source.', 'official'),
    authorizationId: orNull('name', 'The authorization whose hold this usage settles.'),
    upstreamCost: orNull(
      'cost',
      "What the provider says it took, in the wallet's currency; it is the cost then, whatever the rulebook says.",
      '0.0125',
    ),
    fields,
    labels,
  },
};

/** A usage event, a CloudEvent 1.0 in JSON: what is checked, and what OpenAPI shows. */
export const usageEventSchema: SchemaObject = {
  type: 'object',
  description: 'One usage event: a CloudEvent 1.0 in JSON.',
  required: ['specversion', 'type', 'source', 'id', 'time', 'platform', 'subject', 'data'],
  additionalProperties: false,
  properties: {
    specversion: by('specversion', 'The version of CloudEvents.', '1.0'),
    type: by('type', 'What the event is.', USAGE_EVENT_TYPE),
    source: by(
      'identity',
      'Who reports; with `id` it is the identity of the usage. At most 256 bytes.',
      'gateway-eu-1',
    ),
    id: by('identity', 'The id of the usage at its source; a retry keeps it. At most 256 bytes.', 'req-7f3a'),
    time: by('time', 'When it was used, RFC 3339 with a zone; a retry keeps it.', '2026-11-21T10:00:00Z'),
    platform: by('platform', 'The platform.', 'apibox'),
    subject: by('account', 'The account.', 'acct-42'),
    data: usageData,
    datacontenttype: orNull('attribute', 'CloudEvents attribute; passed on.', 'application/json'),
    dataschema: orNull('attribute', 'CloudEvents attribute; passed on.'),
    traceparent: orNull('attribute', 'W3C trace context; stored with the charge.'),
    tracestate: orNull('attribute', 'W3C trace context; passed on.'),
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
  return ajv.compile<UsageEvent>(usageEventSchema);
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
      if (error.parentSchema?.['check'] === 'cost') return usageChecks.cost(error.data);
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
  return (
    isPlainObject(data) &&
    (hasTooMany(data) || hasTooMany(data['units']) || hasTooMany(data['fields']) || hasTooMany(data['labels']))
  );
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
