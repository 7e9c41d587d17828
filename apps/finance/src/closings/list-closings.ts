import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { FinanceBooks } from '../books/finance-books';
import { closingAnswer, type ClosingAnswer } from './closing-answer';

export interface ClosingPage {
  readonly items: readonly ClosingAnswer[];
  /** How many closings come before the next page; null where this is the last. */
  readonly next: number | null;
}

/** A platform's closings in the order in which they were made. */
export class ListClosings extends Query<ClosingPage> {
  constructor(
    readonly platform: string,
    /** How many come before the page. */
    readonly from: number,
    readonly limit: number,
  ) {
    super();
  }
}

@QueryHandler(ListClosings)
export class ListClosingsHandler implements IQueryHandler<ListClosings> {
  constructor(private readonly books: FinanceBooks) {}

  async execute({ platform, from, limit }: ListClosings): Promise<ClosingPage> {
    const { closings } = await this.books.confirmed(platform);
    const items = [...closings.values()].slice(from, from + limit).map(closingAnswer);
    return { items, next: from + limit < closings.size ? from + limit : null };
  }
}
