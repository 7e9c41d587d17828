import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { HttpRequest } from '@meterbook/http/http-message';
import { Problem } from '@meterbook/http/problem/problem';

/** Answers 404 `unknown_platform` before anything of a request is looked at: a platform is known once it has a rulebook. */
@Injectable()
export class KnownPlatform implements CanActivate {
  constructor(private readonly store: EventStore) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { platform } = context.switchToHttp().getRequest<HttpRequest>().params as { readonly platform: string };
    if (await this.hasRulebook(platform)) return true;
    throw new Problem('unknown_platform', `No rulebook was ever published for ${platform}.`);
  }

  /** A rulebook that cannot be read was published all the same: reports do not need it. */
  private async hasRulebook(platform: string): Promise<boolean> {
    try {
      return (await this.store.head(`rulebook-${platform}`)) !== 'no-stream';
    } catch (error) {
      if (error instanceof StreamDamaged) return true;
      throw error;
    }
  }
}
