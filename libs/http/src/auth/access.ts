import { applyDecorators, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { HttpRequest } from '../http-message';
import { Problem } from '../problem/problem';
import { routeOptionsOf, withRouteOptions } from '../route-options';
import type { Callers, Identity } from './callers';
import { principalOf, setPrincipal, type Principal, type Scope } from './principal';

interface ScopeOptions {
  /** The path names no platform, so the handler has to keep a token with a limit to its platforms. */
  readonly platforms?: 'checked-in-handler';
}

/**
 * Who may call a handler: a token with one of the scopes. A token that is limited to platforms may call a path with one of
 * them, and a path without a platform only where the handler says that it checks. It works on handlers, not on controllers.
 */
export const Scopes = (oneOf: Scope | readonly Scope[], { platforms }: ScopeOptions = {}): MethodDecorator => {
  const wanted = typeof oneOf === 'string' ? [oneOf] : oneOf;
  const limitedInHandler = platforms === 'checked-in-handler';
  return applyDecorators(
    withRouteOptions({ scopes: wanted, limitedInHandler }),
    ...wanted.map((scope) => ApiSecurity('bearer', [scope])),
  );
};

/** Anybody may call the handler, or it finds out for itself who may. */
export const Open = (): MethodDecorator => applyDecorators(withRouteOptions({ open: true }), ApiSecurity({}));

function platformOf(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('platform' in params)) return undefined;
  return typeof params.platform === 'string' ? params.platform : undefined;
}

function mayUsePath(principal: Principal, params: unknown, limitedInHandler: boolean): boolean {
  if (principal.platforms === null) return true;
  const platform = platformOf(params);
  return platform === undefined ? limitedInHandler : principal.mayUse(platform);
}

function refusalFor(request: HttpRequest, identity: Identity): Problem | undefined {
  if (identity instanceof Problem) return identity;
  const { scopes = [], limitedInHandler = false } = routeOptionsOf(request.routeOptions.config);
  if (!scopes.some((scope) => identity.may(scope))) {
    return new Problem('forbidden', `The token has no scope ${scopes.join(' or ')}.`);
  }
  if (!mayUsePath(identity, request.params, limitedInHandler)) {
    return new Problem('forbidden', 'The token is limited to other platforms.');
  }
  setPrincipal(request, identity);
  return undefined;
}

/**
 * Why a request is refused, before its body is read; undefined when it may go on, and then it has its principal. It is known
 * at once, unless its token has to be proved first.
 */
export function refusalOf(request: HttpRequest, callers: Callers): Problem | undefined | Promise<Problem | undefined> {
  if (!routeOptionsOf(request.routeOptions.config).scopes) return undefined;
  const { authorization } = request.headers;
  const identity = callers.identify(typeof authorization === 'string' ? authorization : undefined);
  if (identity instanceof Promise) return identity.then((proved) => refusalFor(request, proved));
  return refusalFor(request, identity);
}

/** The last word: a handler that is neither open nor has scopes is called by nobody. */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const isOpen = routeOptionsOf(request.routeOptions.config).open === true;
    if (isOpen || principalOf(request)) return true;
    throw new Problem('forbidden', 'Nobody may call this.');
  }
}
