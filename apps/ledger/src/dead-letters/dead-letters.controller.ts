import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, Principal } from '@meterbook/http/auth/principal';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { DeadLetterPageDto, ListDeadLettersQuery, RedrivenDto } from './dead-letter.dto';
import { ListDeadLetters } from './list-dead-letters';
import { RedriveDeadLetter } from './redrive-dead-letter';

@ApiTags('dead letters')
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Scopes('ledger:read', { platforms: 'checked-in-handler' })
  @ApiOperation({ summary: 'List usage that could not be charged' })
  @ApiOkResponse({ type: DeadLetterPageDto, description: 'A page of those that wait.' })
  @Refuses('invalid_request', 'forbidden')
  list(@CurrentPrincipal() principal: Principal, @Query() query: ListDeadLettersQuery): Promise<DeadLetterPageDto> {
    return this.queries.execute(new ListDeadLetters(principal, query));
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @Scopes('ledger:write', { platforms: 'checked-in-handler' })
  @ApiOperation({ summary: 'Offer a dead letter once more, after its cause was mended' })
  @ApiParam({ name: 'id', description: 'The id of the dead letter.' })
  @ApiAcceptedResponse({
    type: RedrivenDto,
    description: 'It is offered; charged, it leaves the list, else it stays with its new reason.',
  })
  @Refuses('unknown_dead_letter', 'usage_too_old', 'payload_too_large', 'too_busy')
  redrive(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<RedrivenDto> {
    return this.commands.execute(new RedriveDeadLetter(principal, id));
  }
}
