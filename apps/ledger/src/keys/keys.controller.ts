import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
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
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AccountInPath, AccountPath, PlatformInPath } from '@meterbook/http/request/path-parameters';
import type { Written } from '@meterbook/http/request/written';
import { toInstant } from '../engine/commands/request-parts';
import { KnownPlatform } from '@meterbook/http/request/known-platform';
import {
  ChangeKeyBody,
  IssuedKeyDto,
  IssueKeyBody,
  KeyDto,
  KeyPageDto,
  ListKeysQuery,
  RevokeKeyQuery,
  toKeyChange,
  toKeyIssue,
} from './api-key.dto';
import { ChangeKey } from './change-key';
import { IssueKey } from './issue-key';
import { ListKeys } from './list-keys';
import { RevokeKey } from './revoke-key';
import { issueKeyExample, listKeysExample, changeKeyExample, revokeKeyExample } from './keys.examples';

@ApiTags('keys')
@AccountPath()
@UseGuards(KnownPlatform)
@Controller('v1/platforms/:platform/accounts/:account/keys')
export class KeysController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Issue an API key' })
  @ApiCreatedResponse({ type: IssuedKeyDto, description: 'It was issued; its secret is shown this once.' })
  @ApiOkResponse({
    type: KeyDto,
    description: 'The same key was issued before; `Idempotency-Hit: true`, and no secret.',
  })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'idempotency_conflict',
    'unknown_group',
    'no_rulebook',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(issueKeyExample)
  issueKey(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Body() body: IssueKeyBody,
    @Sender() sender: EventMetadata,
  ): Promise<Written<IssuedKeyDto>> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new IssueKey(command, toKeyIssue(body)));
  }

  @Get()
  @Scopes('ledger:read')
  @ApiOperation({ summary: 'List the API keys of an account' })
  @ApiOkResponse({ type: KeyPageDto, description: 'A page of keys, without secrets.' })
  @Refuses('unknown_platform', 'unknown_account', 'invalid_request')
  @ShownBy(listKeysExample)
  listKeys(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Query() query: ListKeysQuery,
  ): Promise<KeyPageDto> {
    return this.queries.execute(new ListKeys({ platform, account }, query));
  }

  @Patch(':keyId')
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Move an API key to another group, or give it other labels' })
  @ApiParam({ name: 'keyId', description: "The key's id.", example: 'key-1' })
  @ApiOkResponse({ type: KeyDto, description: 'The key as it then is.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_api_key',
    'invalid_request',
    'unknown_group',
    'no_rulebook',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(changeKeyExample)
  changeKey(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('keyId') keyId: string,
    @Body() body: ChangeKeyBody,
    @Sender() sender: EventMetadata,
  ): Promise<KeyDto> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(body.occurredAt) };
    return this.commands.execute(new ChangeKey(command, toKeyChange(keyId, body)));
  }

  @Delete(':keyId')
  @HttpCode(204)
  @Scopes('ledger:write')
  @ApiOperation({ summary: 'Take an API key out of use, for good' })
  @ApiParam({ name: 'keyId', description: "The key's id.", example: 'key-1' })
  @ApiNoContentResponse({ description: 'It is out of use.' })
  @Refuses(
    'unknown_platform',
    'unknown_account',
    'unknown_api_key',
    'invalid_request',
    'occurred_at_in_future',
    'occurred_at_out_of_order',
  )
  @ShownBy(revokeKeyExample)
  revokeKey(
    @PlatformInPath() platform: string,
    @AccountInPath() account: string,
    @Param('keyId') keyId: string,
    @Query() { occurredAt }: RevokeKeyQuery,
    @Sender() sender: EventMetadata,
  ): Promise<undefined> {
    const command = { name: { platform, account }, sender, occurredAt: toInstant(occurredAt) };
    return this.commands.execute(new RevokeKey(command, keyId));
  }
}
