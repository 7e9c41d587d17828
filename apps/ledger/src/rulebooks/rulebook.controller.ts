import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Post,
  Put,
  Query,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Sender } from '@meterbook/http/request/sender';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, Principal } from '@meterbook/http/auth/principal';
import { RULEBOOK_REF } from '@meterbook/http/openapi/shared-schemas';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { PlatformInPath, PlatformPath } from '@meterbook/http/request/path-parameters';
import { RawBody } from '@meterbook/http/request/raw-body';
import type { Written } from '@meterbook/http/request/written';
import { AcceptsYaml, BodyLimit } from '@meterbook/http/route-options';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import { ListPlatforms } from './list-platforms';
import { MAX_RULEBOOK_BYTES } from '@meterbook/http/rulebook/rulebook-limits';
import { PublishRulebook } from './publish-rulebook';
import {
  ListPlatformsQuery,
  PlatformPageDto,
  PublishedRulebookDto,
  ValidationDto,
  versionIn,
  VersionDto,
  VersionQuery,
} from './rulebook.dto';
import { ValidateRulebook, ViewRulebook } from './view-rulebook';
import { WithdrawVersion } from './withdraw-version';
import {
  listPlatformsExample,
  publishRulebookExample,
  viewRulebookExample,
  validateRulebookExample,
} from './rulebook.examples';

const noBody = new RawBody(new Uint8Array(), false);
const rulebookBody = {
  description: "A rulebook, JSON or YAML; `platform` is the path's.",
  schema: { $ref: RULEBOOK_REF },
};

@ApiTags('rulebooks')
@Controller('v1/platforms')
export class RulebookController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Scopes('ledger:read', { platforms: 'checked-in-handler' })
  @ApiOperation({ summary: 'List the platforms' })
  @ApiOkResponse({ type: PlatformPageDto, description: 'A page of those that the token may use.' })
  @Refuses('invalid_request')
  @ShownBy(listPlatformsExample)
  listPlatforms(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListPlatformsQuery,
  ): Promise<PlatformPageDto> {
    return this.queries.execute(new ListPlatforms(principal, query));
  }

  @Put(':platform/rulebook')
  @PlatformPath()
  @Scopes('rulebook:write')
  @AcceptsYaml()
  @BodyLimit(MAX_RULEBOOK_BYTES)
  @ApiOperation({ summary: "Publish a platform's rules as its next version" })
  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody(rulebookBody)
  @ApiCreatedResponse({ type: VersionDto, description: 'It was published.' })
  @ApiOkResponse({ type: VersionDto, description: 'The latest version has this content already.' })
  @Refuses('unknown_platform', 'invalid_yaml', 'invalid_rulebook', 'too_busy')
  @ShownBy(publishRulebookExample)
  publishRulebook(
    @PlatformInPath() platform: string,
    @Body() body: RawBody | undefined,
    @Sender() sender: EventMetadata,
  ): Promise<Written<VersionDto>> {
    return this.commands.execute(new PublishRulebook(platform, body ?? noBody, sender));
  }

  @Get(':platform/rulebook')
  @PlatformPath()
  @UseGuards(KnownPlatform)
  @Scopes('ledger:read')
  @ApiOperation({ summary: "Show a version of a platform's rules" })
  @ApiOkResponse({ type: PublishedRulebookDto, description: 'The version asked for, or the latest.' })
  @Refuses('unknown_platform', 'unknown_rulebook_version', 'invalid_request')
  @ShownBy(viewRulebookExample)
  async viewRulebook(@PlatformInPath() platform: string, @Query() { version }: VersionQuery): Promise<StreamableFile> {
    const asked = new ViewRulebook(platform, version === undefined ? undefined : Number(version));
    return new StreamableFile(Buffer.from(await this.queries.execute(asked)), {
      type: 'application/json; charset=utf-8',
    });
  }

  @Delete(':platform/rulebook/versions/:version')
  @PlatformPath()
  @UseGuards(KnownPlatform)
  @HttpCode(204)
  @Scopes('rulebook:write')
  @ApiOperation({ summary: 'Withdraw a version that is not yet in force' })
  @ApiParam({ name: 'version', description: "The version's number.", example: '2' })
  @ApiNoContentResponse({ description: 'It is withdrawn; its number is not used again.' })
  @Refuses('unknown_platform', 'unknown_rulebook_version', 'version_in_force', 'too_busy')
  withdrawVersion(
    @PlatformInPath() platform: string,
    @Param('version') version: string,
    @Sender() sender: EventMetadata,
  ): Promise<undefined> {
    return this.commands.execute(new WithdrawVersion(platform, versionIn(version), sender));
  }

  @Post(':platform/rulebook/validate')
  @PlatformPath()
  @HttpCode(200)
  @Scopes('ledger:read')
  @AcceptsYaml()
  @BodyLimit(MAX_RULEBOOK_BYTES)
  @ApiOperation({ summary: 'Find out whether content could be published' })
  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody(rulebookBody)
  @ApiOkResponse({ type: ValidationDto, description: 'Whether it could be, and every fault.' })
  @Refuses('unknown_platform', 'invalid_yaml', 'too_busy')
  @ShownBy(validateRulebookExample)
  validateRulebook(
    @PlatformInPath() platform: string,
    @Body() body: RawBody | undefined,
    @CurrentPrincipal() { name }: Principal,
  ): Promise<ValidationDto> {
    return this.queries.execute(new ValidateRulebook(platform, body ?? noBody, name));
  }
}
