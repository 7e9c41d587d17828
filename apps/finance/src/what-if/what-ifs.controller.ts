import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, StreamableFile, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiConsumes,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { PlatformInPath } from '@meterbook/http/request/path-parameters';
import { RawBody } from '@meterbook/http/request/raw-body';
import type { Written } from '@meterbook/http/request/written';
import { AcceptsYaml, BodyLimit } from '@meterbook/http/route-options';
import { MAX_RULEBOOK_BYTES } from '@meterbook/http/rulebook/rulebook-limits';
import { CancelWhatIf } from './cancel-what-if';
import { MakeWhatIf } from './make-what-if';
import { ViewWhatIf } from './view-what-if';
import { WhatIfDto, WhatIfMadeDto, WhatIfQuery, WhatIfRequestDto } from './what-if.dto';
import { makeWhatIfExample, viewWhatIfExample } from './what-if.examples';

const noBody = new RawBody(new Uint8Array(), false);

const WhatIfPath = (): MethodDecorator =>
  ApiParam({ name: 'whatIfId', description: "The what-if's id.", example: 'as-it-was' });

@ApiTags('finance')
@ApiParam({ name: 'platform', description: 'The platform.', example: 'apibox' })
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/finance/what-ifs')
export class WhatIfsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @HttpCode(202)
  @Scopes('finance:write')
  @AcceptsYaml()
  @BodyLimit(MAX_RULEBOOK_BYTES)
  @ApiOperation({ summary: 'Find out what would have been charged by other rules' })
  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ type: WhatIfRequestDto })
  @ApiAcceptedResponse({ type: WhatIfMadeDto, description: 'It is being made.' })
  @ApiOkResponse({ type: WhatIfMadeDto, description: 'The same was asked for before; `Idempotency-Hit: true`.' })
  @Refuses(
    'invalid_yaml',
    'invalid_request',
    'unknown_platform',
    'idempotency_conflict',
    'invalid_rulebook',
    'no_rulebook',
    'unknown_label',
    'too_busy',
  )
  @ShownBy(makeWhatIfExample)
  makeWhatIf(
    @PlatformInPath() platform: string,
    @Body() body: RawBody | undefined,
    @CurrentPrincipal() { name }: Principal,
  ): Promise<Written<WhatIfMadeDto>> {
    return this.commands.execute(new MakeWhatIf(platform, body ?? noBody, name));
  }

  @Get(':whatIfId')
  @Scopes('finance:read')
  @WhatIfPath()
  @ApiOperation({ summary: 'How far a what-if is, and then what it comes to' })
  @ApiOkResponse({ type: WhatIfDto })
  @Refuses('invalid_request', 'unknown_platform', 'unknown_what_if')
  @ShownBy(viewWhatIfExample)
  async viewWhatIf(
    @PlatformInPath() platform: string,
    @Param('whatIfId') whatIfId: string,
    @Query() query: WhatIfQuery,
  ): Promise<StreamableFile> {
    const text = await this.queries.execute(new ViewWhatIf(platform, whatIfId, query));
    return new StreamableFile(Buffer.from(text), { type: 'application/json; charset=utf-8' });
  }

  @Delete(':whatIfId')
  @HttpCode(204)
  @Scopes('finance:write')
  @WhatIfPath()
  @ApiOperation({ summary: 'Cancel a what-if, or forget what it came to' })
  @ApiNoContentResponse({ description: 'It is gone.' })
  @Refuses('unknown_platform', 'unknown_what_if')
  cancelWhatIf(@PlatformInPath() platform: string, @Param('whatIfId') whatIfId: string): Promise<undefined> {
    return this.commands.execute(new CancelWhatIf(platform, whatIfId));
  }
}
