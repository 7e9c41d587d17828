import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { ChargePageDto, ChargesQuery } from './charge.dto';
import { ViewCharges } from './view-charges';
import { listChargesExample } from './charges.examples';

@ApiTags('charges')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/charges')
export class ViewChargesController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @Scopes('ledger:read')
  @ApiOperation({ summary: 'Show the charge of one usage event, or list charges' })
  @ApiOkResponse({
    type: ChargePageDto,
    description: 'The charge asked for, none while it is pending, or a page of charges.',
  })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_account')
  @ShownBy(listChargesExample)
  listCharges(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() query: ChargesQuery,
  ): Promise<ChargePageDto> {
    return this.queries.execute(new ViewCharges({ platform, account }, query));
  }
}
