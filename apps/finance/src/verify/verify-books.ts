import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Verification } from './verification';
import type { VerifyReport } from './verify-store';

/** Proves every stored byte, and every balance by folding each account again. Nothing is written. */
export class VerifyBooks extends Query<VerifyReport> {}

@QueryHandler(VerifyBooks)
export class VerifyBooksHandler implements IQueryHandler<VerifyBooks> {
  constructor(private readonly verification: Verification) {}

  execute(): Promise<VerifyReport> {
    return this.verification.verify();
  }
}
