import { isZone } from '@meterbook/domain/time/zone-clock';
import { formatInstant } from '@meterbook/domain/time/instant';
import type { ValueCheck } from '@meterbook/messages/reading/value-check';
import { CheckedBy } from '@meterbook/http/request/value-decorators';

/** The zone that cuts days where none is asked for. */
export const defaultZone = 'UTC';

const zone: ValueCheck = (value) =>
  typeof value === 'string' && isZone(value)
    ? undefined
    : { code: 'invalid_value', detail: 'must be the name of a time zone, such as Asia/Shanghai' };

/** The IANA name of a time zone. */
export const IsZone = (): PropertyDecorator => CheckedBy('isZone', zone);

/** Which time says what is in a report, and orders it: when it was booked, or when it occurred. */
export const bases = ['booked', 'occurred'] as const;
export type Basis = (typeof bases)[number];

/** Along which time a report was made, and how much of it is in. */
export interface Axes {
  readonly basis: Basis;
  readonly zone: string;
  /** What was booked before it is in; null before anything was. */
  readonly completeTo: string | null;
}

/** @param watermark store time before which everything is in, milliseconds since 1970; −1 before the first event */
export function axesOf(basis: Basis, zone: string, watermark: number): Axes {
  return { basis, zone, completeTo: watermark < 0 ? null : formatInstant(watermark) };
}
