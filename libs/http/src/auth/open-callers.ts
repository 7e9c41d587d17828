import type { Clock } from '@meterbook/runtime/clock';
import type { Configuration } from '@meterbook/runtime/configuration';
import type { Log } from '@meterbook/runtime/log';
import { AccessTokensError, isLoopback } from './access-tokens';
import { Callers } from './callers';
import { IssuerKeys } from './jwt/issuer-keys';
import { JsonWebTokens } from './jwt/json-web-tokens';
import { documentAt } from './jwt/key-set-document';
import { TokenFile } from './token-file';

/** What the environment says about who may ask. */
export type AccessConfiguration = Pick<Configuration, 'HOST' | 'METERBOOK_TOKENS'> &
  Partial<
    Pick<
      Configuration,
      | 'METERBOOK_JWKS_URL'
      | 'METERBOOK_JWT_ISSUER'
      | 'METERBOOK_JWT_AUDIENCE'
      | 'METERBOOK_JWT_ALGORITHMS'
      | 'METERBOOK_JWT_CLOCK_SKEW_SECONDS'
      | 'METERBOOK_JWT_SCOPE_CLAIM'
      | 'METERBOOK_JWT_PLATFORMS_CLAIM'
    >
  >;

function jsonWebTokens(configuration: Partial<AccessConfiguration>, clock: Clock, log: Log): JsonWebTokens | null {
  const { METERBOOK_JWKS_URL: url, METERBOOK_JWT_ISSUER: issuer, ...rules } = configuration;
  if (typeof url !== 'string' || typeof issuer !== 'string') return null;
  return new JsonWebTokens(
    new IssuerKeys(documentAt(url), clock, log),
    {
      issuer,
      audience: rules.METERBOOK_JWT_AUDIENCE ?? [],
      algorithms: rules.METERBOOK_JWT_ALGORITHMS ?? [],
      skewSeconds: rules.METERBOOK_JWT_CLOCK_SKEW_SECONDS ?? 0,
      claims: {
        scopes: rules.METERBOOK_JWT_SCOPE_CLAIM ?? null,
        platforms: rules.METERBOOK_JWT_PLATFORMS_CLAIM ?? 'platforms',
      },
    },
    clock,
  );
}

/** Who may ask. Throws an `AccessTokensError` where nothing says so and others than this machine could reach the server. */
export function openCallers(configuration: AccessConfiguration, clock: Clock, log: Log): Callers {
  const { HOST, METERBOOK_TOKENS } = configuration;
  const file = METERBOOK_TOKENS === null ? null : new TokenFile(METERBOOK_TOKENS, clock, log);
  const callers = new Callers(file, jsonWebTokens(configuration, clock, log));
  if (callers.areConfigured) return callers;
  if (!isLoopback(HOST)) {
    throw new AccessTokensError(
      `HOST is ${HOST}, which is not a loopback address, and neither METERBOOK_TOKENS nor METERBOOK_JWKS_URL is set.`,
    );
  }
  log.warn(
    { host: HOST },
    'No tokens are configured: every request may do everything, so only loopback is listened on.',
  );
  return callers;
}
