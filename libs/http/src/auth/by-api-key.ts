import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiSecurity } from '@nestjs/swagger';
import type { HttpRequest } from '../http-message';
import { Problem } from '../problem/problem';
import { withRouteOptions } from '../route-options';
import { bearerOf } from './bearer';

/** What a client is told when it shows nothing, or nothing that is known. */
export const ASK_FOR_BEARER = { 'www-authenticate': 'Bearer' } as const;

/** An account's API key opens the handler, and no token of the deployment: the handler finds out whose key it is. */
export const ByApiKey = (): MethodDecorator => applyDecorators(withRouteOptions({ open: true }), ApiSecurity('apiKey'));

/** The secret that a request shows, as a parameter of a handler that is opened `ByApiKey`. Throws `unauthenticated` where it shows none. */
export const ApiKeySecret = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { authorization } = context.switchToHttp().getRequest<HttpRequest>().headers;
  const secret = bearerOf(authorization);
  if (secret === undefined)
    throw new Problem('unauthenticated', 'Send an API key of the account as `Authorization: Bearer …`.', {
      headers: ASK_FOR_BEARER,
    });
  return secret;
});
