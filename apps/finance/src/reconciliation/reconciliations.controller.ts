import { Body, Controller, Get, Param, Put, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { StreamedBody } from '@meterbook/http/request/streamed-body';
import type { Written } from '@meterbook/http/request/written';
import { AnswersWithin, BodyLimit, StreamsCsv } from '@meterbook/http/route-options';
import { takesNothing } from '../reports/nothing-else';
import { ReconciliationParameters } from './describe-reconciliation';
import { PutReconciliation } from './put-reconciliation';
import type { RawQuery } from './read-reconciliation';
import type { ReconciliationAnswer } from './reconciliation-answer';
import { ItemsQuery, ReconciliationDto, ReconciliationItemsDto } from './reconciliation.dto';
import {
  listReconciliationItemsExample,
  putReconciliationExample,
  viewReconciliationExample,
} from './reconciliation.examples';
import { ListReconciliationItems, ViewReconciliation } from './view-reconciliation';

/** Largest bill, bytes. */
const MAX_BILL_BYTES = 256 * 1024 * 1024;
/** How long a bill may take until its answer, milliseconds: it has to arrive, and to be compared with large books. */
const RECONCILED_WITHIN_MS = 900_000;

const ReconciliationPath = (): MethodDecorator =>
  ApiParam({ name: 'reconciliationId', description: "The reconciliation's id.", example: 'bill-2026-11' });

@ApiTags('finance')
@ApiParam({ name: 'platform', description: 'The platform.', example: 'apibox' })
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/reconciliations/:reconciliationId')
export class ReconciliationsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Put()
  @StreamsCsv()
  @BodyLimit(MAX_BILL_BYTES)
  @AnswersWithin(RECONCILED_WITHIN_MS)
  @Scopes('finance:write')
  @ReconciliationPath()
  @ReconciliationParameters()
  @ApiOperation({ summary: "Compare an upstream's bill with what its usage was booked to have cost" })
  @ApiConsumes('text/csv')
  @ApiBody({ description: 'The bill, with a header.', schema: { type: 'string' } })
  @ApiCreatedResponse({ type: ReconciliationDto, description: 'It was compared.' })
  @ApiOkResponse({
    type: ReconciliationDto,
    description: 'The same bill was compared by the same request before; `Idempotency-Hit: true`.',
  })
  @Refuses(
    'invalid_amount',
    'invalid_request',
    'unknown_platform',
    'idempotency_conflict',
    'no_rulebook',
    'currency_unsupported',
    'invalid_csv',
    'too_busy',
    'unavailable',
    'outcome_unknown',
    'stream_damaged',
  )
  @ShownBy(putReconciliationExample)
  putReconciliation(
    @PlatformInPath() platform: string,
    @Param('reconciliationId') reconciliationId: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Sender() sender: EventMetadata,
  ): Promise<Written<ReconciliationAnswer>> {
    // What is no CSV was refused before; what was not sent at all is undefined.
    const bill = body as StreamedBody | undefined;
    return this.commands.execute(new PutReconciliation(platform, reconciliationId, query as RawQuery, bill, sender));
  }

  @Get()
  @Scopes('finance:read')
  @ReconciliationPath()
  @ApiOperation({ summary: 'What a bill came to' })
  @ApiOkResponse({ type: ReconciliationDto })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_reconciliation', 'unavailable', 'stream_damaged')
  @ShownBy(viewReconciliationExample)
  async viewReconciliation(
    @PlatformInPath() platform: string,
    @Param('reconciliationId') reconciliationId: string,
    @Query() query: unknown,
  ): Promise<ReconciliationDto> {
    takesNothing(query);
    return this.queries.execute(new ViewReconciliation(platform, reconciliationId));
  }

  @Get('items')
  @Scopes('finance:read')
  @ReconciliationPath()
  @ApiOperation({ summary: 'What both sides say of each key' })
  @ApiOkResponse({ type: ReconciliationItemsDto, description: 'A page, in the order of the keys.' })
  @Refuses(
    'invalid_request',
    'unknown_platform',
    'unknown_reconciliation',
    'items_gone',
    'unavailable',
    'stream_damaged',
  )
  @ShownBy(listReconciliationItemsExample)
  listReconciliationItems(
    @PlatformInPath() platform: string,
    @Param('reconciliationId') reconciliationId: string,
    @Query() query: ItemsQuery,
  ): Promise<ReconciliationItemsDto> {
    return this.queries.execute(new ListReconciliationItems(platform, reconciliationId, query));
  }
}
