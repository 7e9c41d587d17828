import { Readable } from 'node:stream';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { CurrentPrincipal, type Principal } from '@meterbook/http/auth/principal';
import type { HttpReply } from '@meterbook/http/http-message';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { Problem } from '@meterbook/http/problem/problem';
import { financeProjections } from '../finance-projections';
import { untilGone } from '../reports/answer-text';
import { takesNothing } from '../reports/nothing-else';
import { ListProjections } from './list-projections';
import type { Projection } from './projection';
import { ProjectionPageDto, RebuildDto, RebuildRequestedDto } from './projections.dto';
import { RebuildEvents } from './rebuild-events';
import { RequestRebuild } from './request-rebuild';
import { ViewRebuild } from './view-rebuild';
import { listProjectionsExample, rebuildProjectionExample, viewRebuildExample } from './projections.examples';

const ProjectionName = (): MethodDecorator =>
  ApiParam({ name: 'name', description: 'The name of the projection.', example: 'trial-balance' });

@ApiTags('finance')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly events: RebuildEvents,
  ) {}

  @Get()
  @Scopes(['finance:read', 'admin'])
  @ApiOperation({ summary: 'The projections and how far they have come' })
  @ApiOkResponse({ type: ProjectionPageDto })
  @Refuses('invalid_request')
  @ShownBy(listProjectionsExample)
  async listProjections(@Query() query: unknown): Promise<ProjectionPageDto> {
    takesNothing(query);
    return this.queries.execute(new ListProjections());
  }

  @Post(':name/rebuild')
  @HttpCode(202)
  @Scopes('admin')
  @ProjectionName()
  @ApiOperation({ summary: 'Fill the projection anew beside the live one, compare the two and swap' })
  @ApiAcceptedResponse({ type: RebuildRequestedDto, description: 'It is, or already was, asked for.' })
  @Refuses('invalid_request', 'unknown_projection', 'unavailable')
  @ShownBy(rebuildProjectionExample)
  async rebuildProjection(@Param('name') name: string, @Body() body: unknown): Promise<RebuildRequestedDto> {
    const projection = projectionNamed(name);
    takesNothing(body);
    return this.commands.execute(new RequestRebuild(projection));
  }

  @Get(':name/rebuilds/:rebuildId')
  @Scopes(['finance:read', 'admin'])
  @ProjectionName()
  @ApiParam({ name: 'rebuildId', description: 'The id of the rebuild.', example: 'q8vX1n2rTzuK4w0M' })
  @ApiOperation({ summary: 'How a rebuild is going, and whether old and new were identical' })
  @ApiProduces('application/json', 'text/event-stream')
  @ApiOkResponse({
    type: RebuildDto,
    description:
      'As server-sent events, each with this as its data: `progress` whenever it has moved, and `ended` with what came of it.',
  })
  @Refuses('invalid_request', 'unknown_projection', 'unknown_rebuild', 'too_busy')
  @ShownBy(viewRebuildExample)
  async viewRebuild(
    @Param('name') name: string,
    @Param('rebuildId') rebuildId: string,
    @Query() query: unknown,
    @Headers('accept') accept: string | undefined,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<RebuildDto | StreamableFile> {
    const projection = projectionNamed(name);
    takesNothing(query);
    reply.header('vary', 'accept');
    if (!wantsEvents(accept)) return this.queries.execute(new ViewRebuild(projection, rebuildId));
    const listener = { name: principal.name, gone: untilGone(reply) };
    const events = this.events.follow(projection.name, rebuildId, listener);
    // A proxy that gathers an answer before it passes it on would tell of nothing until all is over.
    reply.headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    return new StreamableFile(Readable.from(events), { type: eventStream });
  }
}

const eventStream = 'text/event-stream';

/** Whether a request asks for server-sent events; everything else is answered with JSON. */
function wantsEvents(accept: string | undefined): boolean {
  return (accept ?? '').split(',').some((range) => range.split(';', 1)[0]?.trim().toLowerCase() === eventStream);
}

/** Throws the problem `unknown_projection`. */
function projectionNamed(name: string): Projection {
  const found = financeProjections.find((projection) => projection.name === name);
  if (found) return found;
  throw new Problem('unknown_projection', 'There is no projection of this name.');
}
