import { Controller, Get, Headers, Query, Res, UseGuards, type StreamableFile, type Type } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy, type Example } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { AnswersWithin } from '@meterbook/http/route-options';
import { Clock } from '@meterbook/runtime/clock';
import { REPORT_WITHIN_MS, streamed, untilGone, wantsCsv } from '../answer-text';
import type { ReportDeclaration } from './declaration';
import { DescribedBy } from './describe-report';
import { GroupCursor } from './group-cursor';
import { OpenGrouped } from './open-grouped';
import { readQuestion, type RawQuery } from './read-question';

/** The route of one report by groups, as its declaration has it. */
export function groupedController(declaration: ReportDeclaration, example: Example): Type<unknown> {
  const cursor = new GroupCursor(declaration.name);
  const refusals = ['invalid_request', 'unknown_platform', 'too_busy', 'unavailable', 'stream_damaged'] as const;

  @ApiTags('finance')
  @UseGuards(KnownPlatform)
  @Controller(`v1/platforms/:platform/finance/${declaration.name}`)
  class GroupedController {
    constructor(
      private readonly queries: QueryBus,
      private readonly clock: Clock,
    ) {}

    @Get()
    @AnswersWithin(REPORT_WITHIN_MS)
    @Scopes('finance:read')
    @DescribedBy(declaration)
    @Refuses(...refusals, ...(declaration.hasLabels ? (['unknown_label'] as const) : []))
    @ShownBy(example)
    async view(
      @PlatformInPath() platform: string,
      @Query() query: RawQuery,
      @Headers('accept') accept: string | undefined,
      @CurrentPrincipal() principal: Principal,
      @Res({ passthrough: true }) reply: HttpReply,
    ): Promise<StreamableFile> {
      const csv = wantsCsv(accept);
      const question = readQuestion(declaration, platform, query, { cursor, now: this.clock.now(), whole: csv });
      const reader = { name: principal.name, gone: untilGone(reply) };
      return streamed(await this.queries.execute(new OpenGrouped(question, reader)), csv, reply);
    }
  }
  return GroupedController;
}
