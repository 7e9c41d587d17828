import type { EventStore } from '@meterbook/event-store/event-store';
import type { Clock } from '@meterbook/runtime/clock';
import type { ProjectionReader } from '../../projections/projection-reader';
import { inChunks } from '../chunks';
import type { OpenReport } from '../thread/report-request';
import type { ChargesQuestion } from './charges-question';
import { foundCharges } from './find-charges';
import { focusCsv } from './focus-export';

/** Single charges of a platform: those of an id, or all of them. */
export class ChargeList {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly reader: ProjectionReader,
  ) {}

  async open(question: ChargesQuestion): Promise<OpenReport> {
    const { store, clock, reader } = this;
    if (question.by === 'time') return { headers: {}, chunks: inChunks(focusCsv(store, clock, question)) };
    return { headers: {}, chunks: inChunks([await foundCharges(store, clock, reader, question)]) };
  }
}
