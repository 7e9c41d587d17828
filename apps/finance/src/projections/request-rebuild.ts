import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Random } from '@meterbook/runtime/random';
import type { Projection } from './projection';
import { ProjectionControl } from './projection-control';
import type { RebuildRequestedDto } from './projections.dto';

/** Random bytes of a rebuild's id. */
const rebuildIdBytes = 12;

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
    const rebuildId = Buffer.from(this.random.bytes(rebuildIdBytes)).toString('base64url');
    return { rebuildId: this.control.request(projection.name, rebuildId) };
  }
}
