import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { rulebookStream } from '@meterbook/books/rulebooks';
import { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { HttpRequest } from '../http-message';
import { Problem } from '../problem/problem';

/** A platform that has published no rulebook is none. */
export function unknownPlatform(platform: string): Problem {
  return new Problem('unknown_platform', `No rulebook was published for ${platform}.`);
}

/** Platforms that are not asked for again, at most. */
const MAX_REMEMBERED = 10_000;

/** Answers 404 `unknown_platform` before anything of a request is looked at: a platform is known once it has a rulebook. */
@Injectable()
export class KnownPlatform implements CanActivate {
  /** A stream that is there stays there, so the store is asked once for each. */
  private readonly remembered = new Set<string>();

  constructor(private readonly store: EventStore) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const { platform } = context.switchToHttp().getRequest<HttpRequest>().params as { readonly platform: string };
    return this.remembered.has(platform) || this.look(platform);
  }

  private async look(platform: string): Promise<boolean> {
    if (!(await this.hasRulebook(platform))) throw unknownPlatform(platform);
    if (this.remembered.size < MAX_REMEMBERED) this.remembered.add(platform);
    return true;
  }

  /** A rulebook that cannot be read was published all the same; who needs it finds out. */
  private async hasRulebook(platform: string): Promise<boolean> {
    try {
      return (await this.store.head(rulebookStream(platform))) !== 'no-stream';
    } catch (error) {
      if (error instanceof StreamDamaged) return true;
      throw error;
    }
  }
}
