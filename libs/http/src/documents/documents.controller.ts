import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { rulebookSchema } from '@meterbook/domain/rulebook/rulebook-schema';
import { asyncApi } from '@meterbook/messages/async-api';
import { publishedUsageSchema } from '@meterbook/messages/usage-event/published-usage-schema';
import { Open } from '../auth/access';
import type { HttpReply } from '../http-message';
import { ShownBy } from '../openapi/example';
import { EntranceDto, entrance } from './entrance';

const SCHEMA_TYPE = 'application/schema+json';
const anObject = { type: 'object', additionalProperties: true } as const;
const schemaAnswer = { content: { [SCHEMA_TYPE]: { schema: anObject } } };

const text = (document: unknown): string => JSON.stringify(document, null, 2);

const usageEventSchema = text({
  // Editors and code generators know this version of JSON Schema best.
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: 'urn:meterbook:schema:usage-event',
  title: 'UsageEvent',
  ...publishedUsageSchema(),
});
const rulebookSchemaText = text(rulebookSchema());
const asyncApiText = text(asyncApi());

/** Whether a person asks, by a browser. */
const wantsPage = (accept: string | undefined): boolean => (accept ?? '').includes('text/html');

/** What describes the interfaces of a service. None of it is secret, and none of it changes while it runs. */
@ApiTags('operations')
@Controller()
export class DocumentsController {
  @Get()
  @Open()
  @ApiOperation({ summary: 'Where everything is', description: 'A browser is led to `/docs`.' })
  @ApiOkResponse({ type: EntranceDto, description: 'What there is to read, as paths.' })
  @ApiResponse({ status: 302, description: 'A browser is led to the page of the API.' })
  @ShownBy({ status: 200, answer: entrance })
  enter(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: HttpReply): EntranceDto {
    reply.header('vary', 'accept');
    if (wantsPage(accept)) reply.code(302).header('location', entrance.page);
    return entrance;
  }

  @Get('asyncapi.json')
  @Open()
  @Header('content-type', 'application/json; charset=utf-8')
  @ApiOperation({ summary: 'The topics and their records, as AsyncAPI' })
  @ApiOkResponse({ description: 'An AsyncAPI document.', content: { 'application/json': { schema: anObject } } })
  describeTopics(): string {
    return asyncApiText;
  }

  @Get('schemas/usage-event.json')
  @Open()
  @Header('content-type', SCHEMA_TYPE)
  @ApiOperation({ summary: 'The JSON Schema of a usage event' })
  @ApiOkResponse({ description: 'A JSON Schema.', ...schemaAnswer })
  describeUsageEvents(): string {
    return usageEventSchema;
  }

  @Get('schemas/rulebook.json')
  @Open()
  @Header('content-type', SCHEMA_TYPE)
  @ApiOperation({ summary: 'The JSON Schema of a rulebook: an editor that knows it completes one' })
  @ApiOkResponse({ description: 'A JSON Schema.', ...schemaAnswer })
  describeRulebooks(): string {
    return rulebookSchemaText;
  }
}
