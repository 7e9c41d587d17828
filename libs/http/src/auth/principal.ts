import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { HttpRequest } from '../http-message';

export const scopes = [
  'usage:write',
  'access:write',
  'ledger:write',
  'ledger:read',
  'rulebook:write',
  'finance:read',
  'finance:write',
  'admin',
] as const;
export type Scope = (typeof scopes)[number];

export const isScope = (value: unknown): value is Scope => scopes.some((scope) => scope === value);

/** Scopes that imply another: whoever writes there may look at it too. */
const implied: Partial<Readonly<Record<Scope, readonly Scope[]>>> = {
  'ledger:read': ['ledger:write', 'rulebook:write'],
  'finance:read': ['finance:write'],
};

/** Who sends a request. */
export class Principal {
  constructor(
    /** The token's name, for the metadata of events; never the token. */
    readonly name: string,
    private readonly scopes: ReadonlySet<Scope>,
    /** The platforms the token is limited to; null for all. */
    readonly platforms: ReadonlySet<string> | null,
    /** It stands for whoever asks, since no tokens are configured. */
    readonly isAnybody = false,
  ) {}

  /** `admin` may do everything. */
  may(scope: Scope): boolean {
    const { scopes } = this;
    return scopes.has(scope) || scopes.has('admin') || (implied[scope] ?? []).some((wider) => scopes.has(wider));
  }

  mayUse(platform: string): boolean {
    return this.platforms?.has(platform) ?? true;
  }
}

/** Where a request keeps its principal. */
export const PRINCIPAL = Symbol('principal');

export const setPrincipal = (request: object, principal: Principal): void =>
  void Object.assign(request, { [PRINCIPAL]: principal });

export function principalOf(request: object): Principal | undefined {
  const principal: unknown = PRINCIPAL in request ? request[PRINCIPAL] : undefined;
  return principal instanceof Principal ? principal : undefined;
}

/** The `Principal` of the request, as a parameter of a handler that has `@Scopes`. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal => {
  const principal = principalOf(context.switchToHttp().getRequest<HttpRequest>());
  if (!principal) throw new Error('A handler without @Scopes asks for the principal.');
  return principal;
});
