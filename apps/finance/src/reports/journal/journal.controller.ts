import { Readable } from 'node:stream';
import { Controller, Get, Query, Res, StreamableFile, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { instantMs } from '@meterbook/domain/time/instant';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { requestProblem } from '@meterbook/http/request/read-request';
import { AnswersWithin } from '@meterbook/http/route-options';
import { Clock } from '@meterbook/runtime/clock';
import { csvType, REPORT_WITHIN_MS, untilGone } from '../answer-text';
import { defaultZone } from '../axes';
import { JournalQuery } from './journal.dto';
import type { JournalQuestion } from './journal-question';
import { OpenJournal } from './open-journal';

const types = { csv: csvType, hledger: 'text/plain; charset=utf-8' } as const;

@ApiTags('finance')
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/journal')
export class JournalController {
  constructor(
    private readonly queries: QueryBus,
    private readonly clock: Clock,
  ) {}

  @Get()
  @AnswersWithin(REPORT_WITHIN_MS)
  @Scopes('finance:read')
  @ApiOperation({ summary: 'Every entry of a period with its legs, as CSV or for hledger' })
  @ApiProduces('text/csv', 'text/plain')
  @ApiOkResponse({
    type: String,
    description:
      'Streamed, in store order; at last an entry `Derived` for each account of which time alone has changed something.',
  })
  @Refuses('invalid_request', 'unknown_platform', 'too_busy', 'unavailable')
  async exportJournal(
    @PlatformInPath() platform: string,
    @Query() query: JournalQuery,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<StreamableFile> {
    const question = this.questionOf(platform, query);
    const reader = { name: principal.name, gone: untilGone(reply) };
    const { headers, chunks } = await this.queries.execute(new OpenJournal(question, reader));
    reply.headers({ ...headers });
    return new StreamableFile(Readable.from(chunks), { type: types[question.format] });
  }

  private questionOf(platform: string, query: JournalQuery): JournalQuestion {
    const { basis = 'booked', zone = defaultZone, format = 'csv', cursor = '0' } = query;
    const from = query.from === undefined ? null : instantMs(query.from);
    const to = query.to === undefined ? null : instantMs(query.to);
    const derivedTo = to ?? this.clock.now();
    if (from !== null && from > derivedTo)
      throw requestProblem([{ pointer: '/from', code: 'invalid_value', detail: 'lies after the end of the period' }]);
    return { platform, basis, from, to, derivedTo, zone, format, received: Number(cursor) };
  }
}
