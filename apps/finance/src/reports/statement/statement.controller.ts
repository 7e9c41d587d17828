import { Controller, Get, Headers, Query, Res, UseGuards, type StreamableFile } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { instantMs } from '@meterbook/domain/time/instant';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { pageItems } from '@meterbook/http/request/page-limit';
import { requestProblem } from '@meterbook/http/request/read-request';
import { AnswersWithin } from '@meterbook/http/route-options';
import { Clock } from '@meterbook/runtime/clock';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { REPORT_WITHIN_MS, streamed, untilGone, wantsCsv } from '../answer-text';
import { defaultZone } from '../axes';
import { OpenStatement } from './open-statement';
import { statementCursor } from './statement-cursor';
import type { StatementPage, StatementPeriod } from './statement';
import { StatementDto, StatementQuery } from './statement.dto';
import { viewStatementExample } from '../reports.examples';

/** A file is not read in pages. */
const whole: StatementPage = { from: null, limit: Infinity };

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/statement')
export class StatementController {
  constructor(
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  @Get()
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:read')
  @ApiOperation({ summary: "An account's entries of a period with running balances" })
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({
    type: StatementDto,
    description: 'An entry for each event, of a batch for each charge. As CSV whole, a line for each entry.',
  })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_account', 'too_busy', 'unavailable', 'stream_damaged')
  @ShownBy(viewStatementExample)
  async viewStatement(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() query: StatementQuery,
    @Headers('accept') accept: string | undefined,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const csv = wantsCsv(accept);
    const { zone = defaultZone, basis = 'booked' } = query;
    const period = { platform, account, zone, basis, ...this.periodOf(query) };
    const reader = { name: principal.name, gone: untilGone(reply) };
    const page = csv ? whole : { from: statementCursor.markOf(query), limit: pageItems(query) };
    return streamed(await this.queries.execute(new OpenStatement(period, page, csv, reader)), csv, reply);
  }

  private periodOf({ from, to }: StatementQuery): Pick<StatementPeriod, 'from' | 'to' | 'derivedTo'> {
    // Without an end everything that is booked is part of it, what this very millisecond booked and what is dated ahead too.
    const end = to === undefined ? Infinity : instantMs(to);
    const start = from === undefined ? -Infinity : instantMs(from);
    if (start <= end) return { from: start, to: end, derivedTo: to === undefined ? this.clock.now() : end };
    throw requestProblem([{ pointer: '/from', code: 'invalid_value', detail: 'lies after the end of the period' }]);
  }
}
