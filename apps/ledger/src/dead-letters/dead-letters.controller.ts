import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, Principal } from '@meterbook/http/auth/principal';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import type { Written } from '@meterbook/http/request/written';
import {
  DeadLetterGroupPageDto,
  DeadLetterPageDto,
  DismissedDto,
  DismissLetterBody,
  ListDeadLettersQuery,
  RedrivenDto,
  RedrivenLettersDto,
  RedriveLettersBody,
} from './dead-letter.dto';
import { DismissDeadLetter } from './dismiss-dead-letter';
import { GroupDeadLetters } from './group-dead-letters';
import { ListDeadLetters } from './list-dead-letters';
import { RedriveDeadLetter } from './redrive-dead-letter';
import { RedriveDeadLetters } from './redrive-dead-letters';
import {
  dismissDeadLetterExample,
  listDeadLettersExample,
  redriveDeadLetterExample,
  redriveDeadLettersExample,
} from './dead-letters.examples';

const inHandler = { platforms: 'checked-in-handler' } as const;
const LetterId = (): MethodDecorator =>
  ApiParam({ name: 'id', description: 'The id of the dead letter.', example: 'usage.recorded-3-17' });

@ApiTags('dead letters')
@ApiExtraModels(DeadLetterPageDto, DeadLetterGroupPageDto)
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @Scopes('ledger:read', inHandler)
  @ApiOperation({ summary: 'List usage that could not be charged, or count it by reason and model' })
  @ApiOkResponse({
    description: 'A page of letters; with `groupBy` one of counts, each with a first and a last letter.',
    schema: { anyOf: [DeadLetterPageDto, DeadLetterGroupPageDto].map((dto) => ({ $ref: getSchemaPath(dto) })) },
  })
  @Refuses('invalid_request', 'forbidden')
  @ShownBy(listDeadLettersExample)
  listDeadLetters(
    @CurrentPrincipal() principal: Principal,
    @Query() query: ListDeadLettersQuery,
  ): Promise<DeadLetterPageDto | DeadLetterGroupPageDto> {
    if (query.groupBy !== undefined) return this.queries.execute(new GroupDeadLetters(principal, query));
    return this.queries.execute(new ListDeadLetters(principal, query));
  }

  @Post('redrive')
  @HttpCode(202)
  @Scopes('admin', inHandler)
  @ApiOperation({
    summary: 'Offer all dead letters of a kind once more, after their cause was mended',
    description:
      'The oldest first, up to 100 with each request: send `next` as `cursor` until it is null. Usage that was charged meanwhile is not charged again, however often it is offered.',
  })
  @ApiAcceptedResponse({
    type: RedrivenLettersDto,
    description: 'They are offered; those that are charged leave the list, the others stay with their new reason.',
  })
  @Refuses('invalid_request', 'forbidden', 'too_busy')
  @ShownBy(redriveDeadLettersExample)
  redriveDeadLetters(
    @CurrentPrincipal() principal: Principal,
    @Body() body: RedriveLettersBody,
  ): Promise<RedrivenLettersDto> {
    return this.commands.execute(new RedriveDeadLetters(principal, body));
  }

  @Post(':id/redrive')
  @HttpCode(202)
  @Scopes('admin', inHandler)
  @ApiOperation({ summary: 'Offer a dead letter once more, after its cause was mended' })
  @LetterId()
  @ApiAcceptedResponse({
    type: RedrivenDto,
    description: 'It is offered; charged, it leaves the list, else it stays with its new reason.',
  })
  @ApiOkResponse({ type: RedrivenDto, description: 'It is on its way, or was charged: nothing more was done.' })
  @Refuses('unknown_dead_letter', 'usage_too_old', 'payload_too_large', 'too_busy')
  @ShownBy(redriveDeadLetterExample)
  redriveDeadLetter(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<Written<RedrivenDto>> {
    return this.commands.execute(new RedriveDeadLetter(principal, id));
  }

  @Post(':id/dismiss')
  @HttpCode(200)
  @Scopes('admin', inHandler)
  @ApiOperation({ summary: 'Dismiss a dead letter: its usage is not to be charged' })
  @LetterId()
  @ApiOkResponse({
    type: DismissedDto,
    description: 'It is kept, no longer counted, and listed with `dismissed=true`. The first dismissal stands.',
  })
  @Refuses('invalid_request', 'unknown_dead_letter', 'too_busy')
  @ShownBy(dismissDeadLetterExample)
  dismissDeadLetter(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() { reason }: DismissLetterBody,
  ): Promise<DismissedDto> {
    return this.commands.execute(new DismissDeadLetter(principal, id, reason));
  }
}
