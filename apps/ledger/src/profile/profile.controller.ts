import { Controller, Get } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiKeySecret, ByApiKey } from '@meterbook/http/auth/by-api-key';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { viewProfileExample } from './profile.examples';
import { ProfileDto } from './profile.dto';
import { ViewProfile } from './view-profile';

@ApiTags('keys')
@Controller('api/auth/me')
export class ProfileController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ByApiKey()
  @ApiOperation({ summary: 'Show the account of an API key to whoever holds it' })
  @ApiOkResponse({ type: ProfileDto, description: 'The account; a suspended one is shown too.' })
  @Refuses('invalid_api_key', 'no_rulebook')
  @ShownBy(viewProfileExample)
  viewProfile(@ApiKeySecret() secret: string): Promise<ProfileDto> {
    return this.queries.execute(new ViewProfile(secret));
  }
}
