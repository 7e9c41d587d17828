import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { isPlainObject, jsonType, type ValueCheck } from '@meterbook/messages/reading/value-check';
import { CheckedBy } from './value-decorators';

/** An object of at most so many members, with names and values that others check. */
export const membersOf =
  (most: number, nameCheck: ValueCheck, checkOf: (name: string) => ValueCheck): ValueCheck =>
  (value) => {
    if (!isPlainObject(value)) return { code: 'invalid_type', detail: `must be an object, not ${jsonType(value)}` };
    const members = Object.entries(value);
    if (members.length > most) return { code: 'too_long', detail: `must hold at most ${most} members` };
    for (const [name, member] of members) {
      const fault = nameCheck(name) ?? checkOf(name)(member);
      if (fault) return { code: fault.code, detail: `holds ${name}, which ${fault.detail}` };
    }
    return undefined;
  };

/** A property that holds such an object; `name` is the rule's. */
export const Members = (name: string, check: ValueCheck, schema: ApiPropertyOptions): PropertyDecorator =>
  applyDecorators(CheckedBy(name, check), ApiProperty({ type: 'object', ...schema } as ApiPropertyOptions));
