import { Controller, Get, Query, Res, UseGuards, type StreamableFile, type Type } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { DEFAULT_PAGE_ITEMS } from '@meterbook/http/request/page-limit';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { requestProblem } from '@meterbook/http/request/read-request';
import { AnswersWithin } from '@meterbook/http/route-options';
import { Clock } from '@meterbook/runtime/clock';
import { REPORT_WITHIN_MS, streamed, untilGone } from '../answer-text';
import type { CellDeclaration } from './cell-declarations';
import { GroupCursor } from '../grouped/group-cursor';
import { readQuestion, type RawQuery } from '../grouped/read-question';
import { cellCursor, type CellPlace } from './cell-cursor';
import { cellExample } from './cell.examples';
import type { CellQuestion } from './cell-question';
import { DescribedAsEntries } from './describe-entries';
import { OpenCell } from './open-cell';

/** The route of the entries behind the cells of one report. */
export function cellController(declaration: CellDeclaration): Type<unknown> {
  const groups = new GroupCursor(declaration.name);
  const cursor = cellCursor(declaration.name);

  const placeIn = (text: unknown): CellPlace | null => {
    if (text === undefined) return null;
    const place = typeof text === 'string' && cursor.check(text) === undefined ? cursor.markOf({ cursor: text }) : null;
    if (place) return place;
    const detail = 'must be a cursor of an earlier answer';
    throw requestProblem([{ pointer: '/cursor', code: 'invalid_value', detail }]);
  };

  const questionIn = (platform: string, query: RawQuery, now: number): CellQuestion => {
    const { cursor: text, ...rest } = query;
    const place = placeIn(text);
    const missing = declaration.mustName.filter((dimension) => query[dimension] === undefined);
    if (missing.length > 0)
      throw requestProblem(missing.map((name) => ({ pointer: `/${name}`, code: 'required', detail: 'is missing' })));
    const question = readQuestion(declaration, platform, rest, { cursor: groups, now, whole: false });
    const derivedAt = question.end ?? place?.at ?? now;
    return {
      question: { ...question, derivedAt, groupBy: [] },
      place,
      limit: question.page?.limit ?? DEFAULT_PAGE_ITEMS,
    };
  };

  @ApiTags('finance')
  @UseGuards(KnownPlatform)
  @Controller(`v1/platforms/:platform/finance/${declaration.name}/entries`)
  class CellController {
    constructor(
      private readonly queries: QueryBus,
      private readonly clock: Clock,
    ) {}

    @Get()
    @AnswersWithin(REPORT_WITHIN_MS)
    @Scopes('finance:read')
    @DescribedAsEntries(declaration)
    @Refuses('invalid_request', 'unknown_platform', 'unknown_label', 'too_busy', 'unavailable', 'stream_damaged')
    @ShownBy(cellExample(declaration.name))
    async list(
      @PlatformInPath() platform: string,
      @Query() query: RawQuery,
      @CurrentPrincipal() principal: Principal,
      @Res({ passthrough: true }) reply: HttpReply,
    ): Promise<StreamableFile> {
      const asked = questionIn(platform, query, this.clock.now());
      const reader = { name: principal.name, gone: untilGone(reply) };
      return streamed(await this.queries.execute(new OpenCell(asked, reader)), false, reply);
    }
  }
  return CellController;
}
