import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { PublishedRulebook } from '@meterbook/domain/rulebook/rulebook';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Principal } from '@meterbook/http/auth/principal';
import { pageItems } from '@meterbook/http/request/page-limit';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { PlatformNames } from '@meterbook/books/platform-names';
import { platformCursor, type ListPlatformsQuery, type PlatformDto, type PlatformPageDto } from './rulebook.dto';

/** The platforms that somebody may use. */
export class ListPlatforms extends Query<PlatformPageDto> {
  constructor(
    readonly principal: Principal,
    readonly query: ListPlatformsQuery,
  ) {
    super();
  }
}

@QueryHandler(ListPlatforms)
export class ListPlatformsHandler implements IQueryHandler<ListPlatforms> {
  constructor(
    private readonly names: PlatformNames,
    private readonly rulebooks: Rulebooks,
  ) {}

  async execute({ principal, query }: ListPlatforms): Promise<PlatformPageDto> {
    const names = await this.names.confirmed();
    const items: PlatformDto[] = [];
    for (let at = platformCursor.markOf(query)?.at ?? 0; at < names.length; at++) {
      if (items.length >= pageItems(query)) return { items, next: platformCursor.write({ at }) };
      const platform = names[at] ?? '';
      const latest = principal.mayUse(platform) ? await this.latest(platform) : undefined;
      if (latest) items.push({ platform, currency: latest.rulebook.currency, rulebookVersion: latest.version });
    }
    return { items, next: null };
  }

  /** Undefined for a platform without versions, and for one whose rules cannot be read: the others are listed all the same. */
  private async latest(platform: string): Promise<PublishedRulebook | undefined> {
    try {
      return (await this.rulebooks.confirmed(platform)).at(-1);
    } catch (error) {
      if (error instanceof StreamDamaged) return undefined;
      throw error;
    }
  }
}
