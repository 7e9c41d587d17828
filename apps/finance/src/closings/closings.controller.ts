import { Body, Controller, Get, Param, Post, Query, Res, UseGuards, type StreamableFile } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { pageItems } from '@meterbook/http/request/page-limit';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { AnswersWithin } from '@meterbook/http/route-options';
import { REPORT_WITHIN_MS, streamed, untilGone } from '../reports/answer-text';
import { defaultZone } from '../reports/axes';
import { takesNothing } from '../reports/nothing-else';
import { CloseMonth } from './close-month';
import type { ClosingAnswer } from './closing-answer';
import {
  ClosingBody,
  ClosingDto,
  ClosingPageDto,
  closingsCursor,
  ClosingsQuery,
  ClosingWithBalanceDto,
  LateDto,
  LateQuery,
} from './closings.dto';
import { closeMonthExample, listClosingsExample, listLateExample, viewClosingExample } from './closings.examples';
import { lateCursor } from './late-cursor';
import { ListClosings } from './list-closings';
import { OpenClosing } from './open-closing';

const ClosingPath = (): MethodDecorator =>
  ApiParam({ name: 'closingId', description: "The closing's id.", example: 'close-2026-10' });

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/closings')
export class ClosingsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:write')
  @ApiOperation({ summary: 'Close a month: write down its trial balance, and how far the books went' })
  @ApiCreatedResponse({ type: ClosingDto, description: 'It is closed. What occurred in it may still be booked.' })
  @ApiOkResponse({
    type: ClosingDto,
    description: 'It was closed by the same request before; `Idempotency-Hit: true`.',
  })
  @Refuses(
    'invalid_request',
    'unknown_platform',
    'idempotency_conflict',
    'period_open',
    'too_busy',
    'unavailable',
    'outcome_unknown',
    'stream_damaged',
  )
  @ShownBy(closeMonthExample)
  closeMonth(
    @PlatformInPath() platform: string,
    @Body() { closingId, period, zone }: ClosingBody,
    @Sender() sender: EventMetadata,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<Written<ClosingAnswer>> {
    const asked = { closingId, period, zone: zone ?? defaultZone };
    return this.commands.execute(new CloseMonth(platform, asked, sender, readerOf(principal, reply)));
  }

  @Get()
  @Scopes('finance:read')
  @ApiOperation({ summary: 'The months that were closed' })
  @ApiOkResponse({ type: ClosingPageDto })
  @Refuses('invalid_request', 'unknown_platform', 'unavailable', 'stream_damaged')
  @ShownBy(listClosingsExample)
  async listClosings(@PlatformInPath() platform: string, @Query() query: ClosingsQuery): Promise<ClosingPageDto> {
    const from = closingsCursor.markOf(query)?.from ?? 0;
    const { items, next } = await this.queries.execute(new ListClosings(platform, from, pageItems(query)));
    return { items, next: closingsCursor.write(next === null ? null : { from: next }) };
  }

  @Get(':closingId')
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:read')
  @ClosingPath()
  @ApiOperation({ summary: 'A month that was closed, with its trial balance' })
  @ApiOkResponse({ type: ClosingWithBalanceDto, description: 'Streamed.' })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_closing', 'too_busy', 'unavailable', 'stream_damaged')
  @ShownBy(viewClosingExample)
  async viewClosing(
    @PlatformInPath() platform: string,
    @Param('closingId') closingId: string,
    @Query() query: unknown,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    takesNothing(query);
    const asked = new OpenClosing(platform, closingId, null, readerOf(principal, reply));
    return streamed(await this.queries.execute(asked), false, reply);
  }

  @Get(':closingId/late')
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:read')
  @ClosingPath()
  @ApiOperation({ summary: 'What occurred in a closed month and was booked after it' })
  @ApiOkResponse({ type: LateDto, description: 'Summed up, and entry by entry.' })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_closing', 'too_busy', 'unavailable', 'stream_damaged')
  @ShownBy(listLateExample)
  async listLate(
    @PlatformInPath() platform: string,
    @Param('closingId') closingId: string,
    @Query() query: LateQuery,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const page = { after: lateCursor.markOf(query), limit: pageItems(query) };
    const asked = new OpenClosing(platform, closingId, page, readerOf(principal, reply));
    return streamed(await this.queries.execute(asked), false, reply);
  }
}

function readerOf({ name }: Principal, reply: HttpReply): { readonly name: string; readonly gone: AbortSignal } {
  return { name, gone: untilGone(reply) };
}
