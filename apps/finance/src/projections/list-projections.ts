import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { EventStore } from '@meterbook/event-store/event-store';
import { Clock } from '@meterbook/runtime/clock';
import { financeProjections } from '../finance-projections';
import { behindMs } from './lag';
import { ProjectionReader } from './projection-reader';
import type { ProjectionDto, ProjectionPageDto } from './projections.dto';

/** Damaged streams that are named in an answer. */
const MAX_NAMED = 100;

/** The projections and how far they have come. */
export class ListProjections extends Query<ProjectionPageDto> {}

@QueryHandler(ListProjections)
export class ListProjectionsHandler implements IQueryHandler<ListProjections> {
  constructor(
    private readonly reader: ProjectionReader,
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<ProjectionPageDto> {
    return { items: await Promise.all(financeProjections.map(({ name }) => this.howIs(name))), next: null };
  }

  private async howIs(name: string): Promise<ProjectionDto> {
    const progress = this.reader.progress(name);
    const { position, events } = progress ?? { position: 'start', events: 0 };
    const behind = progress && (await behindMs(progress, this.store, this.clock));
    const failure = this.reader.failureOf(name);
    const { count, streams } = this.reader.damaged(name, MAX_NAMED);
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
