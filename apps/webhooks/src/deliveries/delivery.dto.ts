import { ApiProperty } from '@nestjs/swagger';
import { formatInstant } from '@meterbook/domain/time/instant';
import { Cursor } from '@meterbook/http/request/cursor';
import { IsPageLimit } from '@meterbook/http/request/page-limit';
import { IsCursor, MayBeAbsent } from '@meterbook/http/request/value-decorators';
import type { ShownDelivery } from './delivery-log';
import { DELIVERY_STATES, type DeliveryState } from './delivery-schema';

export const deliveryCursor = new Cursor('deliveries', { seq: 'number' });

export class ListDeliveriesQuery {
  @MayBeAbsent()
  @IsCursor(deliveryCursor)
  readonly cursor?: string;

  @IsPageLimit()
  readonly limit?: string;
}

/** One message to one endpoint. */
export class DeliveryDto {
  @ApiProperty({ description: 'Its id, the header `webhook-id`: the same at every attempt.' })
  readonly deliveryId!: string;

  @ApiProperty({ description: 'What it tells of.', example: 'wallet.recharged' })
  readonly type!: string;

  @ApiProperty({ description: 'What has become of it.', enum: DELIVERY_STATES })
  readonly state!: DeliveryState;

  @ApiProperty({ description: 'How often it was tried.' })
  readonly attempts!: number;

  @ApiProperty({ description: 'When it was queued.', format: 'date-time' })
  readonly queuedAt!: string;

  @ApiProperty({
    description: 'When it was delivered or given up; null before.',
    type: String,
    format: 'date-time',
    nullable: true,
  })
  readonly endedAt!: string | null;

  @ApiProperty({
    description: 'HTTP status of the last answer; null where there was none.',
    type: Number,
    nullable: true,
  })
  readonly status!: number | null;

  @ApiProperty({ description: 'Why the last attempt failed; null where it did not.', type: String, nullable: true })
  readonly error!: string | null;

  @ApiProperty({ description: 'The body as it is sent.', type: 'object', additionalProperties: true })
  readonly payload!: unknown;
}

export class DeliveryPageDto {
  @ApiProperty({ description: 'Deliveries of the last days, the newest first.', type: [DeliveryDto] })
  readonly items!: readonly DeliveryDto[];

  @ApiProperty({ description: 'The cursor of the next page; null on the last.', type: String, nullable: true })
  readonly next!: string | null;
}

/** What was asked for is done soon. */
export class AskedDeliveryDto {
  @ApiProperty({ description: 'The id of the delivery, under which it is listed.' })
  readonly deliveryId!: string;
}

export function toDeliveryDto(delivery: ShownDelivery): DeliveryDto {
  const { id, type, state, attempts, queuedAt, endedAt, status, error, body } = delivery;
  return {
    deliveryId: id,
    type,
    state,
    attempts,
    queuedAt: formatInstant(queuedAt),
    endedAt: endedAt === null ? null : formatInstant(endedAt),
    status,
    error,
    payload: JSON.parse(body) as unknown,
  };
}
