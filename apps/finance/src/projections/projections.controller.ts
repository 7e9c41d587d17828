import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EventStore } from '@meterbook/event-store/event-store';
import { Scopes } from '@meterbook/http/auth/access';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { Problem } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { Random } from '@meterbook/runtime/random';
import { financeProjections } from '../finance-projections';
import { behindMs } from './lag';
import { ProjectionControl } from './projection-control';
import { ProjectionReader } from './projection-reader';
import { takesNothing } from '../reports/nothing-else';
import { ProjectionsDto, type ProjectionDto, RebuildDto, RebuildRequestedDto } from './projections.dto';

/** Random bytes of a rebuild's id. */
const rebuildIdBytes = 12;
/** Damaged streams that are named in an answer. */
const maxNamed = 100;

@ApiTags('finance')
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    private readonly control: ProjectionControl,
    private readonly reader: ProjectionReader,
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  @Get()
  @Scopes(['finance:read', 'admin'])
  @ApiOperation({ summary: 'The projections and how far they have come' })
  @ApiOkResponse({ type: ProjectionsDto })
  @Refuses('invalid_request')
  async list(@Query() query: unknown): Promise<ProjectionsDto> {
    takesNothing(query);
    const projections = await Promise.all(financeProjections.map(({ name }) => this.howIs(name)));
    return { projections };
  }

  @Post(':name/rebuild')
  @HttpCode(202)
  @Scopes('admin')
  @ApiOperation({ summary: 'Fill the projection anew beside the live one, compare the two and swap' })
  @ApiAcceptedResponse({ type: RebuildRequestedDto, description: 'It is, or already was, asked for.' })
  @Refuses('invalid_request', 'unknown_projection')
  rebuild(@Param('name') name: string, @Body() body: unknown): RebuildRequestedDto {
    refuseUnknown(name);
    takesNothing(body);
    const rebuildId = Buffer.from(this.random.bytes(rebuildIdBytes)).toString('base64url');
    return { rebuildId: this.control.request(name, rebuildId) };
  }

  @Get(':name/rebuilds/:rebuildId')
  @Scopes(['finance:read', 'admin'])
  @ApiOperation({ summary: 'How a rebuild is going, and whether old and new were identical' })
  @ApiOkResponse({ type: RebuildDto })
  @Refuses('invalid_request', 'unknown_projection', 'unknown_rebuild')
  show(@Param('name') name: string, @Param('rebuildId') rebuildId: string, @Query() query: unknown): RebuildDto {
    refuseUnknown(name);
    takesNothing(query);
    const status = this.control.rebuild(name, rebuildId);
    if (!status) throw new Problem('unknown_rebuild', `${name} has no rebuild with this id.`);
    return status;
  }

  private async howIs(name: string): Promise<ProjectionDto> {
    const progress = this.reader.progress(name);
    const { position, events } = progress ?? { position: 'start', events: 0 };
    const behind = progress && (await behindMs(progress, this.store, this.clock));
    const failure = this.reader.failureOf(name);
    const { count, streams } = this.reader.damaged(name, maxNamed);
    return {
      name,
      position,
      events,
      behindMs: behind,
      ...(failure !== undefined && { failure }),
      ...(count > 0 && { damaged: { count, streams: streams.map(({ stream, detail }) => ({ stream, detail })) } }),
    };
  }
}

function refuseUnknown(name: string): void {
  if (financeProjections.some((projection) => projection.name === name)) return;
  throw new Problem('unknown_projection', 'There is no projection of this name.');
}
