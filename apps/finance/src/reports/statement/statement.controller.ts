import { Controller, Get, Headers, Query, Res, UseGuards, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import type { HttpReply } from '@meterbook/http/http-message';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { Problem } from '@meterbook/http/problem/problem';
import { AccountInPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { requestProblem } from '@meterbook/http/request/read-request';
import { Clock } from '@meterbook/runtime/clock';
import { KnownPlatform } from '../../platforms/known-platform';
import { streamed, wantsCsv } from '../answer-text';
import { askedInstant } from '../asked-instant';
import { StatementReport } from './statement-report';
import { StatementDto, StatementQuery } from './statement.dto';
import { statementCsv, statementJson } from './write-statement';

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/statement')
export class StatementController {
  constructor(
    private readonly report: StatementReport,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Scopes('finance:read')
  @ApiOperation({ summary: "An account's entries of a period with running balances" })
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({ type: StatementDto, description: 'Streamed; as CSV with a line for each leg.' })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_account')
  async show(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() query: StatementQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const period = { platform, account, ...this.periodOf(query) };
    const statement = await this.report.open(period);
    if (!statement) throw new Problem('unknown_account', `${platform} has no account ${account}.`);
    const csv = wantsCsv(accept);
    return streamed(csv ? statementCsv(period, statement) : statementJson(period, statement), csv, reply);
  }

  private periodOf({ from, to }: StatementQuery): { readonly from: number; readonly to: number } {
    const now = this.clock.now();
    // Without an end, what was booked in this very millisecond is part of it.
    const end = to === undefined ? now + 1 : askedInstant('to', to, now);
    const start = from === undefined ? -Infinity : askedInstant('from', from, now);
    if (start <= end) return { from: start, to: end };
    throw requestProblem([{ pointer: '/from', code: 'invalid_value', detail: 'lies after the end of the period' }]);
  }
}
