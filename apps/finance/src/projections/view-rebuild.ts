import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Problem } from '@meterbook/http/problem/problem';
import type { Projection } from './projection';
import { ProjectionControl } from './projection-control';
import type { RebuildDto } from './projections.dto';

/** How a rebuild is going, and whether old and new were identical. */
export class ViewRebuild extends Query<RebuildDto> {
  constructor(
    readonly projection: Projection,
    readonly rebuildId: string,
  ) {
    super();
  }
}

@QueryHandler(ViewRebuild)
export class ViewRebuildHandler implements IQueryHandler<ViewRebuild> {
  constructor(private readonly control: ProjectionControl) {}

  async execute({ projection: { name }, rebuildId }: ViewRebuild): Promise<RebuildDto> {
    const status = this.control.rebuild(name, rebuildId);
    if (!status) throw new Problem('unknown_rebuild', `${name} has no rebuild with this id.`);
    return status;
  }
}
