import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ReconciliationMade } from '@meterbook/domain/closing/events';
import { Problem } from '@meterbook/http/problem/problem';
import { pageItems } from '@meterbook/http/request/page-limit';
import { FinanceBooks } from '../books/finance-books';
import type { ReconciledItem } from './keys-file';
import { reconciliationAnswer, type ReconciliationAnswer } from './reconciliation-answer';
import { itemsCursor, type ItemsQuery, type ReconciliationItemsDto } from './reconciliation.dto';
import { Reconciliations } from './reconciliations';

/** What a bill came to. */
export class ViewReconciliation extends Query<ReconciliationAnswer> {
  constructor(
    readonly platform: string,
    readonly reconciliationId: string,
  ) {
    super();
  }
}

@QueryHandler(ViewReconciliation)
export class ViewReconciliationHandler implements IQueryHandler<ViewReconciliation> {
  constructor(private readonly books: FinanceBooks) {}

  async execute({ platform, reconciliationId }: ViewReconciliation): Promise<ReconciliationAnswer> {
    return reconciliationAnswer(await madeBefore(this.books, platform, reconciliationId));
  }
}

/** What both sides said of each key. */
export class ListReconciliationItems extends Query<ReconciliationItemsDto> {
  constructor(
    readonly platform: string,
    readonly reconciliationId: string,
    readonly query: ItemsQuery,
  ) {
    super();
  }
}

@QueryHandler(ListReconciliationItems)
export class ListReconciliationItemsHandler implements IQueryHandler<ListReconciliationItems> {
  constructor(
    private readonly books: FinanceBooks,
    private readonly reconciliations: Reconciliations,
  ) {}

  async execute({ platform, reconciliationId, query }: ListReconciliationItems): Promise<ReconciliationItemsDto> {
    const after = itemsCursor.markOf(query)?.at ?? 0;
    const made = await madeBefore(this.books, platform, reconciliationId);
    const limit = pageItems(query);
    const found = this.reconciliations.items(platform, reconciliationId, query.kind ?? null, after, limit + 1);
    if (!found) throw new Problem('items_gone', 'The items are not kept here any more: send the same bill again.');
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    const hasModels = made.query['model'] !== undefined;
    return {
      items: items.map((item) => told(item, made.granularity === 'request', hasModels)),
      next: itemsCursor.write(last ? { at: last.number } : null),
    };
  }
}

async function madeBefore(
  books: FinanceBooks,
  platform: string,
  reconciliationId: string,
): Promise<ReconciliationMade> {
  const made = (await books.confirmed(platform)).reconciliations.get(reconciliationId);
  if (made) return made;
  throw new Problem('unknown_reconciliation', `The platform has no reconciliation ${reconciliationId}.`);
}

function told(
  { first, second, kind, theirs, ours }: ReconciledItem,
  isByRequest: boolean,
  hasModels: boolean,
): ReconciliationItemsDto['items'][number] {
  const key = isByRequest ? { request: first } : { time: first, ...(hasModels && { model: second }) };
  return { ...key, kind, theirs, ours };
}
