import { applyDecorators } from '@nestjs/common';
import { ApiQuery, type ApiQueryOptions } from '@nestjs/swagger';

const text = (name: string, description: string, more: Partial<ApiQueryOptions> = {}): MethodDecorator =>
  ApiQuery({ name, required: false, type: String, description, ...more });

const instant = (name: string, description: string, example: string): MethodDecorator =>
  ApiQuery({ name, required: true, description, example, schema: { type: 'string', format: 'date-time' } });

/** Describes the parameters of a reconciliation in the document of the interface. */
export const ReconciliationParameters = (): MethodDecorator =>
  applyDecorators(
    text('channel', 'Of our usage only what went through one of these; empty for what went through none.', {
      isArray: true,
    }),
    instant('from', 'The beginning of the bill.', '2026-01-01T00:00:00Z'),
    instant('to', 'Its end, exclusive.', '2026-12-01T00:00:00Z'),
    ApiQuery({
      name: 'granularity',
      required: true,
      enum: ['request', 'hour', 'day', 'month'],
      example: 'day',
      description: "What is compared: the usage's id, or a time and, where named, a model.",
    }),
    text('zone', 'The IANA name of the zone that cuts time, and of times without one. UTC when absent.'),
    text('absolute', "How far a key may differ, in the wallet's currency. 0 when absent."),
    text('ratio', 'How far a key may differ, as a part of ours. 0 when absent.'),
    text('currency', "The bill's currency, converted by the rate in force just before `to`. The wallet's when absent."),
    text('time', 'The column of the time: RFC 3339, or local to the zone. Needed unless requests are compared.', {
      example: 'date',
    }),
    text('model', 'The column of the model; models are not told apart where it is left out.'),
    ApiQuery({
      name: 'amount',
      required: true,
      type: String,
      example: 'total',
      description: 'The column of the amount.',
    }),
    text('request', "The column of the usage's id. Needed where requests are compared."),
    text('map', '`theirs=ours`: what the bill calls a model, and what we do. Repeated for each.', {
      isArray: true,
    }),
  );
