import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Random } from '@meterbook/runtime/random';
import type { Projection } from './projection';
import { ProjectionControl } from './projection-control';
import type { RebuildRequestedDto } from './projections.dto';

/** Random bytes of a rebuild's id. */
const REBUILD_ID_BYTES = 12;

/** Asks for a projection to be filled anew beside the live one; a rebuild that is under way answers for itself. */
export class RequestRebuild extends Command<RebuildRequestedDto> {
  constructor(readonly projection: Projection) {
    super();
  }
}

@CommandHandler(RequestRebuild)
export class RequestRebuildHandler implements ICommandHandler<RequestRebuild> {
  constructor(
    private readonly control: ProjectionControl,
    private readonly random: Random,
  ) {}

  async execute({ projection }: RequestRebuild): Promise<RebuildRequestedDto> {
    const rebuildId = Buffer.from(this.random.bytes(REBUILD_ID_BYTES)).toString('base64url');
    const running = this.control.request(projection.name, rebuildId);
    if (running !== undefined) return { rebuildId: running };
    throw new Problem('unavailable', 'The projections are not there yet: try again.', { headers: retryAfter(1) });
  }
}
