import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { within } from '@meterbook/domain/rulebook/fault';
import { readObject } from '../request/read-request';
import { CheckedBy, MayBeNull, Nested } from '../request/value-decorators';
import { usageChecks, WHOLE_UNITS, type UsageCheckName } from '@meterbook/messages/usage-event/usage-checks';
import {
  MAX_FIELDS,
  MAX_UNIT,
  MAX_UNITS,
  type UsageData,
  type UsageEvent,
} from '@meterbook/messages/usage-event/usage-event';
import type { Fault } from '@meterbook/messages/reading/fault';
import { jsonType, type ValueCheck, isPlainObject } from '@meterbook/messages/reading/value-check';

const Checked = (name: UsageCheckName, description: string, schema: ApiPropertyOptions = {}): PropertyDecorator =>
  applyDecorators(CheckedBy(name, usageChecks[name]), ApiProperty({ type: String, description, ...schema }));

const anObjectOfAtMost =
  (most: number): ValueCheck =>
  (value) => {
    if (!isPlainObject(value)) return { code: 'invalid_type', detail: `must be an object, not ${jsonType(value)}` };
    return Object.keys(value).length > most
      ? { code: 'too_long', detail: `must hold at most ${most} members` }
      : undefined;
  };

const Members = (most: number, schema: ApiPropertyOptions): PropertyDecorator =>
  applyDecorators(
    CheckedBy('members', anObjectOfAtMost(most)),
    ApiProperty({ type: 'object', ...schema } as ApiPropertyOptions),
  );

export class UsageDataDto implements UsageData {
  @Checked('name', 'The model that was used.', { example: 'claude-sonnet' })
  readonly model!: string;

  @Members(MAX_UNITS, {
    description:
      'What was used: `inputTokens`, `outputTokens`, `requests`, `seconds`, `width`, `height`, `images`, `count`, `{kind}Tokens` for every special kind, and the names of extras. Whole numbers from 0 to 10^12; `seconds`, `count` and extras may also be decimal strings.',
    additionalProperties: { oneOf: [{ type: 'number', minimum: 0, maximum: MAX_UNIT }, { type: 'string' }] },
    example: { inputTokens: 1200, outputTokens: 350, cacheReadTokens: 800 },
  })
  readonly units!: Readonly<Record<string, number | string>>;

  @MayBeNull()
  @Checked('name', 'The API key that was used.', { example: 'key-1' })
  readonly apiKeyId?: string | null;

  @MayBeNull()
  @Checked('name', "The group to charge under; absent: the API key's, else the model's.", { example: 'vip' })
  readonly group?: string | null;

  @MayBeNull()
  @Checked('name', 'The upstream source.', { example: 'official' })
  readonly channel?: string | null;

  @MayBeNull()
  @Checked('name', 'The authorization whose hold this usage settles.')
  readonly authorizationId?: string | null;

  @MayBeNull()
  @Members(MAX_FIELDS, {
    description: 'Fields of the request that a rulebook may multiply by.',
    additionalProperties: { type: 'string' },
    example: { priority: 'priority' },
  })
  readonly fields?: Readonly<Record<string, string>> | null;
}

/** One usage event: a CloudEvent 1.0 in JSON. */
export class UsageEventDto implements UsageEvent {
  @Checked('specversion', 'The version of CloudEvents.', { enum: ['1.0'] })
  readonly specversion!: '1.0';

  @Checked('type', 'What the event is.', { enum: ['usage.recorded'] })
  readonly type!: 'usage.recorded';

  @Checked('identity', 'Who reports; with `id` it is the identity of the usage. At most 256 bytes.', {
    example: 'gateway-eu-1',
  })
  readonly source!: string;

  @Checked('identity', 'The id of the usage at its source; a retry keeps it. At most 256 bytes.', {
    example: 'req-7f3a',
  })
  readonly id!: string;

  @Checked('time', 'When it was used; a retry keeps it.', { format: 'date-time', example: '2026-11-21T10:00:00Z' })
  readonly time!: string;

  @Checked('platform', 'The platform.', { example: 'apibox' })
  readonly platform!: string;

  @Checked('account', 'The account.', { example: 'acct-42' })
  readonly subject!: string;

  @Nested(() => UsageDataDto, 'What was used.')
  readonly data!: UsageDataDto;

  @MayBeNull()
  @Checked('attribute', 'CloudEvents attribute; passed on.', { example: 'application/json' })
  readonly datacontenttype?: string | null;

  @MayBeNull()
  @Checked('attribute', 'CloudEvents attribute; passed on.')
  readonly dataschema?: string | null;

  @MayBeNull()
  @Checked('attribute', 'W3C trace context; stored with the charge.')
  readonly traceparent?: string | null;

  @MayBeNull()
  @Checked('attribute', 'W3C trace context; passed on.')
  readonly tracestate?: string | null;
}

function noteMember(
  name: ValueCheck,
  check: ValueCheck,
  [key, value]: [string, unknown],
  at: string,
  faults: Fault[],
): void {
  const bad = name(key);
  if (bad) faults.push({ pointer: at, ...bad });
  const fault = bad ? undefined : check(value);
  if (fault) faults.push({ pointer: at, ...fault });
}

/** Every fault of one usage event by the DTO's rules; for single events and as the measure of the compiled schema. */
export function faultsByDto(event: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  const { data } = readObject(UsageEventDto, event, '', faults);
  if (!isPlainObject(data)) return faults;
  const { units, fields } = data;
  if (isPlainObject(units)) {
    for (const entry of Object.entries(units)) {
      const check = WHOLE_UNITS.test(entry[0]) ? usageChecks.unit : usageChecks.measure;
      noteMember(usageChecks.unitName, check, entry, within('/data/units', entry[0]), faults);
    }
  }
  if (isPlainObject(fields)) {
    for (const entry of Object.entries(fields)) {
      noteMember(usageChecks.fieldName, usageChecks.fieldValue, entry, within('/data/fields', entry[0]), faults);
    }
  }
  return faults;
}
