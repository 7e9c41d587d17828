import { Controller, Get, Headers, Query, Res, UseGuards, type StreamableFile } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { AnswersWithin } from '@meterbook/http/route-options';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { REPORT_WITHIN_MS, streamed, untilGone, wantsCsv } from '../answer-text';
import { askedInstant } from '../asked-instant';
import { defaultZone } from '../axes';
import { OpenTrialBalance } from './open-trial-balance';
import { TrialBalanceDto, TrialBalanceQuery } from './trial-balance.dto';
import { viewTrialBalanceExample } from '../reports.examples';

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/trial-balance')
export class TrialBalanceController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:read')
  @ApiOperation({ summary: 'Every ledger account with its turnover and balance as of an instant' })
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({
    type: TrialBalanceDto,
    description: 'Streamed; as CSV with the totals last and the rest in headers.',
  })
  @Refuses('invalid_request', 'unknown_platform', 'too_busy', 'unavailable')
  @ShownBy(viewTrialBalanceExample)
  async viewTrialBalance(
    @PlatformInPath() platform: string,
    @Query() { asOf, rollup, zone = defaultZone, basis = 'booked' }: TrialBalanceQuery,
    @Headers('accept') accept: string | undefined,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const at = askedInstant('asOf', asOf, basis);
    const csv = wantsCsv(accept);
    const asked = { platform, asOf: at, view: rollup ?? ('lines' as const), basis, zone, csv };
    const reader = { name: principal.name, gone: untilGone(reply) };
    return streamed(await this.queries.execute(new OpenTrialBalance(asked, reader)), csv, reply);
  }
}
