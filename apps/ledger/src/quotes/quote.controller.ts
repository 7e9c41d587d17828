import { Body, Controller, HttpCode, Post, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { PlatformInPath, PlatformPath } from '@meterbook/http/request/path-parameters';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { Quote } from './quote';
import { QuoteBody, QuoteDto } from './quote.dto';
import { quotePriceExample } from './quote.examples';

@ApiTags('rulebooks')
@PlatformPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/quotes')
export class QuoteController {
  constructor(private readonly queries: QueryBus) {}

  @Post()
  @HttpCode(200)
  @Scopes('ledger:read')
  @ApiOperation({ summary: 'Price a request without booking it' })
  @ApiOkResponse({ type: QuoteDto, description: 'The price and where it comes from.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_model',
    'unknown_tier',
    'unknown_group',
    'unknown_channel',
    'unknown_unit',
    'missing_units',
    'no_rulebook',
  )
  @ShownBy(quotePriceExample)
  quotePrice(@PlatformInPath() platform: string, @Body() body: QuoteBody): Promise<QuoteDto> {
    return this.queries.execute(new Quote(platform, body));
  }
}
