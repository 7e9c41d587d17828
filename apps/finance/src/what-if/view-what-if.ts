import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { formatInstant } from '@meterbook/domain/time/instant';
import { Problem } from '@meterbook/http/problem/problem';
import { whatIfCursor, type WhatIfQuery } from './what-if.dto';
import { pageItems } from '@meterbook/http/request/page-limit';
import type { KeptWhatIf } from './what-if-index';
import { WhatIfs } from './what-ifs';

/** How far a what-if is, and in the end what it comes to: a JSON text. */
export class ViewWhatIf extends Query<string> {
  constructor(
    readonly platform: string,
    readonly whatIfId: string,
    readonly query: WhatIfQuery,
  ) {
    super();
  }
}

@QueryHandler(ViewWhatIf)
export class ViewWhatIfHandler implements IQueryHandler<ViewWhatIf> {
  constructor(private readonly whatIfs: WhatIfs) {}

  async execute({ platform, whatIfId, query }: ViewWhatIf): Promise<string> {
    const mark = whatIfCursor.markOf(query);
    const kept = this.whatIfs.find(platform, whatIfId);
    if (!kept) throw unknownWhatIf(whatIfId);
    if (kept.state === 'failed') return JSON.stringify({ ...headOf(kept, { part: 0, accounts: 0 }), why: kept.why });
    const page = kept.state === 'done' ? this.whatIfs.page(kept, mark?.at ?? 0, pageItems(query)) : undefined;
    if (kept.state === 'done' && !page) this.whatIfs.makeAgain(kept);
    if (!page) return JSON.stringify(headOf({ ...kept, state: 'running' }, this.whatIfs.progressOf(kept)));
    const { accounts, totals, refused, damaged } = page.summary;
    const head = JSON.stringify({
      ...headOf(kept, { part: 1, accounts }),
      ...(damaged.count > 0 && { damaged }),
    }).slice(0, -1);
    const next = page.next === null ? null : whatIfCursor.write({ at: page.next });
    const tail = JSON.stringify({ totals, refused, next }).slice(1);
    return `${head},"items":[${page.items.join(',')}],${tail}`;
  }
}

/** What is said of a what-if before there is a result. */
function headOf(
  { whatIfId, state, currency, question: { from, to, zone, groupBy } }: KeptWhatIf,
  { part, accounts }: { readonly part: number; readonly accounts: number },
): object {
  return {
    whatIfId,
    state,
    progress: part,
    accounts,
    from: formatInstant(from),
    to: formatInstant(to),
    zone,
    currency,
    groupBy,
  };
}

export function unknownWhatIf(whatIfId: string): Problem {
  return new Problem('unknown_what_if', `The platform has no what-if ${whatIfId}.`);
}
