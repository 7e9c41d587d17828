import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Health } from '../health/health';
import { Metrics } from '../metrics/metrics';
import type { Callers } from './callers';

const MS_PER_SECOND = 1_000;

/** Reads tokens and keys again while the application runs, when they change and at SIGHUP, and tells how it is about them. */
export function keepCallers(app: NestFastifyApplication, callers: Callers): void {
  const { file, jwts } = callers;
  if (!callers.areConfigured) return;
  tell(app, callers);
  const over = new AbortController();
  const readAgain = (): void => {
    file?.readAgain();
    void jwts?.keys.readAgain();
  };
  const fastify = app.getHttpAdapter().getInstance();
  let kept: Promise<unknown> = Promise.resolve();
  fastify.addHook('onReady', (done) => {
    process.on('SIGHUP', readAgain);
    kept = Promise.all([file?.run(over.signal), jwts?.keys.run(over.signal)]);
    done();
  });
  fastify.addHook('onClose', async () => {
    process.off('SIGHUP', readAgain);
    over.abort();
    await kept;
  });
}

function tell(app: NestFastifyApplication, { file, jwts }: Callers): void {
  const health = app.get(Health, { strict: false });
  const metrics = app.get(Metrics, { strict: false });
  if (file) {
    // The tokens of before go on, so that a slip of the pen takes no process out of service.
    health.register('tokens', () => ({ up: true, detail: file.failure ?? 'They are those of the file.' }));
    metrics.gauge(
      'meterbook_tokens_faulty',
      'Whether the file of tokens has changed and cannot be read: 1 or 0.',
      () => (file.failure === null ? 0 : 1),
    );
  }
  if (jwts) {
    const { keys } = jwts;
    health.register('issuer-keys', () => ({ up: keys.areGood, detail: keys.detail }));
    metrics.gauge(
      'meterbook_issuer_keys_age_seconds',
      'How long ago the keys of the issuer of tokens were read.',
      () => (keys.ageMs === null ? Number.NaN : keys.ageMs / MS_PER_SECOND),
    );
  }
}
