import { Controller, Get, Headers, Query, Res, UseGuards, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { formatInstant } from '@meterbook/domain/time/instant';
import { Scopes } from '@meterbook/http/auth/access';
import type { HttpReply } from '@meterbook/http/http-message';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { Clock } from '@meterbook/runtime/clock';
import { KnownPlatform } from '../../platforms/known-platform';
import { streamed, wantsCsv } from '../answer-text';
import { askedInstant } from '../asked-instant';
import { TrialBalanceReport } from './trial-balance-report';
import { TrialBalanceDto, TrialBalanceQuery } from './trial-balance.dto';
import { trialBalanceCsv, trialBalanceJson } from './write-trial-balance';

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/trial-balance')
export class TrialBalanceController {
  constructor(
    private readonly report: TrialBalanceReport,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Scopes('finance:read')
  @ApiOperation({ summary: 'Every ledger account with its turnover and balance as of an instant' })
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({
    type: TrialBalanceDto,
    description: 'Streamed; as CSV with the totals last and the rest in headers.',
  })
  @Refuses('invalid_request', 'unknown_platform')
  async show(
    @PlatformInPath() platform: string,
    @Query() { asOf, rollup }: TrialBalanceQuery,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const at = askedInstant('asOf', asOf, this.clock.now());
    const report = await this.report.open(platform, at, rollup ?? 'lines');
    const csv = wantsCsv(accept);
    if (csv) {
      reply.headers({
        'meterbook-as-of': formatInstant(report.asOf),
        'meterbook-final': String(report.final),
        'meterbook-position': report.position,
        ...(report.damaged.count > 0 && { 'meterbook-damaged-accounts': String(report.damaged.count) }),
      });
    }
    return streamed(csv ? trialBalanceCsv(report) : trialBalanceJson(report), csv, reply);
  }
}
