import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from '@meterbook/http/http-message';
import { unknownPlatform } from '../refusals';
import { Rulebooks } from '@meterbook/books/rulebooks';

/** Answers 404 `unknown_platform` before anything of a request is looked at: a platform is known once it has a rulebook. */
@Injectable()
export class KnownPlatform implements CanActivate {
  constructor(private readonly rulebooks: Rulebooks) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { platform } = context.switchToHttp().getRequest<HttpRequest>().params as { readonly platform: string };
    const versions = await this.rulebooks.versions(platform);
    if (versions.length === 0) throw unknownPlatform(platform);
    return true;
  }
}
