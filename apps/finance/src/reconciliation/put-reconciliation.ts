import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Problem } from '@meterbook/http/problem/problem';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import type { StreamedBody } from '@meterbook/http/request/streamed-body';
import { Written } from '@meterbook/http/request/written';
import { KnownFacts } from '../projections/platform-facts';
import { readReconciliation, writtenQuery, type RawQuery } from './read-reconciliation';
import { reconciliationAnswer, type ReconciliationAnswer } from './reconciliation-answer';
import { Reconciliations } from './reconciliations';

/** An upstream's bill is compared with what its usage was booked to have cost. */
export class PutReconciliation extends Command<Written<ReconciliationAnswer>> {
  constructor(
    readonly platform: string,
    readonly reconciliationId: string,
    readonly query: RawQuery,
    /** Undefined where nothing was sent. */
    readonly body: StreamedBody | undefined,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(PutReconciliation)
export class PutReconciliationHandler implements ICommandHandler<PutReconciliation> {
  constructor(
    private readonly reconciliations: Reconciliations,
    private readonly facts: KnownFacts,
  ) {}

  async execute(command: PutReconciliation): Promise<Written<ReconciliationAnswer>> {
    const { platform, reconciliationId, body, sender } = command;
    const question = readReconciliation(platform, reconciliationId, command.query);
    const query = writtenQuery(command.query);
    const { currency } = await this.facts.of(platform);
    if (currency === null) throw new Problem('no_rulebook', 'The platform has no rulebook.');
    const asked = { reconciliationId, question, query, digest: bodyDigest(query), currency };
    const chunks = (): AsyncIterable<Uint8Array> => body?.chunks() ?? nothing();
    const { event, repeated } = await this.reconciliations.make(asked, chunks, sender);
    return new Written(reconciliationAnswer(event), repeated);
  }
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // A request without a body is a bill without a header.
}
