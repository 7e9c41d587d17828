import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { TierDto } from './tier-view.dto';
import { ViewTier } from './view-tier';
import { viewTierExample } from './tier.examples';

@ApiTags('tiers')
@Controller('v1/platforms/:platform/accounts/:account/tier')
export class ViewTierController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Scopes('ledger:read')
  @ApiOperation({ summary: "Show an account's tier and what leads to the next one" })
  @ApiOkResponse({ type: TierDto, description: 'The tier by pin and rules, as the tier service last heard.' })
  @Refuses('unknown_platform', 'unknown_account', 'no_rulebook')
  @ShownBy(viewTierExample)
  viewTier(@PlatformInPath() platform: string, @AccountInPath() account: string): Promise<TierDto> {
    return this.queries.execute(new ViewTier(platform, account));
  }
}
