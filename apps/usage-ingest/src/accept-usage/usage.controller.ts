import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, Principal } from '@meterbook/http/auth/principal';
import { USAGE_EVENT_REF } from '@meterbook/http/openapi/shared-schemas';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AcceptsEvents, BodyLimit } from '@meterbook/http/route-options';
import { EventsBody } from '@meterbook/http/request/events-body';
import { AcceptUsage, MAX_EVENTS, type Accepted } from './accept-usage';
import { reportUsageExample } from './usage.examples';

/** Largest body of usage, in bytes (SPEC §9). */
export const USAGE_BODY_LIMIT_BYTES = 5 * 1024 * 1024;
export const USAGE_PATH = '/v1/usage';

const one = { $ref: USAGE_EVENT_REF };

@ApiTags('usage')
@Controller()
export class UsageController {
  constructor(private readonly commands: CommandBus) {}

  @Post(USAGE_PATH)
  @HttpCode(202)
  @Scopes('usage:write', { platforms: 'checked-in-handler' })
  @BodyLimit(USAGE_BODY_LIMIT_BYTES)
  @AcceptsEvents()
  @ApiOperation({
    summary: 'Reports usage: one event or a batch, all of it or nothing',
    description:
      'Answers once the topic has every event for good. However often an event is sent, it is charged once: send the same `source` and `id` again whenever an answer is missing. One event may also come in binary content mode: its attributes in `ce-` headers, its `data` as the body.',
  })
  @ApiConsumes('application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json')
  @ApiBody({ schema: { oneOf: [one, { type: 'array', items: one, minItems: 1, maxItems: MAX_EVENTS }] } })
  @ApiAcceptedResponse({
    description: 'Every event is durable.',
    schema: { type: 'object', required: ['accepted'], properties: { accepted: { type: 'integer', minimum: 1 } } },
  })
  @Refuses(
    'invalid_json',
    'forbidden',
    'payload_too_large',
    'expectation_failed',
    'invalid_usage',
    'too_busy',
    'unavailable',
  )
  @ShownBy(reportUsageExample)
  reportUsage(@Body() body: unknown, @CurrentPrincipal() principal: Principal): Promise<Accepted> {
    return this.commands.execute(new AcceptUsage(body instanceof EventsBody ? body : undefined, principal));
  }
}
