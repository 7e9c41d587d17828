import type { Principal } from '@meterbook/http/auth/principal';
import { Problem } from '@meterbook/http/problem/problem';
import { requestProblem } from '@meterbook/http/request/read-request';
import type { DeadLetterFilter } from './dead-letter-queries';

/** What a caller names of the letters that are meant. */
export interface NamedLetters {
  readonly platform?: string;
  readonly reason?: string;
  readonly model?: string;
}

/** The letters that a caller names, as far as its token may see them. Throws `forbidden` and `invalid_request`. */
export function lettersOf(principal: Principal, { platform, reason, model }: NamedLetters): DeadLetterFilter {
  if (platform !== undefined && !principal.mayUse(platform))
    throw new Problem('forbidden', 'The token is limited to other platforms.');
  if (model !== undefined && reason === undefined)
    throw requestProblem([
      { pointer: '/model', code: 'invalid_value', detail: 'is taken together with a reason only' },
    ]);
  const limit = principal.platforms === null ? null : [...principal.platforms];
  return { platforms: platform === undefined ? limit : [platform], reason: reason ?? null, model: model ?? null };
}

/** Whether a token may see a letter of this platform. One whose platform cannot be read is for those who may see all. */
export function maySee(principal: Principal, platform: string | null): boolean {
  return platform === null ? principal.platforms === null : principal.mayUse(platform);
}

export function unknownLetter(id: string): Problem {
  return new Problem('unknown_dead_letter', `There is no dead letter ${id}, or not any more.`);
}
