import { Controller, Get, Query, Res, UseGuards, type StreamableFile } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { within } from '@meterbook/domain/rulebook/fault';
import { instantMs } from '@meterbook/domain/time/instant';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { pageItems } from '@meterbook/http/request/page-limit';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { requestProblem } from '@meterbook/http/request/read-request';
import { AnswersWithin } from '@meterbook/http/route-options';
import type { Problem } from '@meterbook/http/problem/problem';
import { REPORT_WITHIN_MS, streamed, untilGone } from '../answer-text';
import { chargePlace, chargesCursor, linePlace } from './charges-cursor';
import type { ChargesQuestion } from './charges-question';
import { findChargesExample } from './charges.examples';
import { FinanceChargesQuery, FoundChargesDto } from './charges.dto';
import { OpenCharges } from './open-charges';

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/charges')
export class FinanceChargesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:read')
  @ApiOperation({ summary: 'The charges of an id, in any account, or all of them as CSV with the columns of FOCUS' })
  @ApiProduces('application/json', 'text/csv')
  @ApiOkResponse({
    type: FoundChargesDto,
    description:
      'With `format=focus` a line for each charge and for each reversal, streamed; where it breaks off, it goes on after the `x_Cursor` of the last line received, without a header.',
  })
  @Refuses('invalid_request', 'unknown_platform', 'too_busy', 'unavailable')
  @ShownBy(findChargesExample)
  async findCharges(
    @PlatformInPath() platform: string,
    @Query() query: FinanceChargesQuery,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const question = query.format === undefined ? byId(platform, query) : byTime(platform, query);
    const reader = { name: principal.name, gone: untilGone(reply) };
    return streamed(await this.queries.execute(new OpenCharges(question, reader)), question.by === 'time', reply);
  }
}

function byId(platform: string, query: FinanceChargesQuery): ChargesQuestion {
  const { id } = query;
  if (id === undefined) throw faulty('id', 'is missing: name an id, or a format');
  for (const name of ['basis', 'from', 'to'] as const)
    if (query[name] !== undefined) throw faulty(name, 'belongs to an export');
  const mark = chargesCursor.markOf(query);
  const after = mark && chargePlace(mark);
  if (after === undefined) throw faulty('cursor', 'must be a cursor of an earlier answer');
  return { by: 'id', platform, id, after, limit: pageItems(query) };
}

function byTime(platform: string, query: FinanceChargesQuery): ChargesQuestion {
  for (const name of ['id', 'limit'] as const)
    if (query[name] !== undefined) throw faulty(name, 'does not belong to an export');
  const { basis = 'booked' } = query;
  const from = query.from === undefined ? null : instantMs(query.from);
  const to = query.to === undefined ? null : instantMs(query.to);
  if (from !== null && to !== null && from > to) throw faulty('from', 'lies after the end of the period');
  const mark = chargesCursor.markOf(query);
  const after = mark && linePlace(mark);
  if (after === undefined) throw faulty('cursor', 'must be the cursor of a line of an export');
  return { by: 'time', platform, basis, from, to, after };
}

function faulty(name: string, detail: string): Problem {
  return requestProblem([{ pointer: within('', name), code: 'invalid_value', detail }]);
}
