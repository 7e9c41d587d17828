import { join } from 'node:path';
import type { Configuration } from '@meterbook/runtime/configuration';

/** Where each part keeps its files under `DATA_DIR`. */
export function folders({ DATA_DIR }: Pick<Configuration, 'DATA_DIR'>): {
  readonly store: string;
  readonly topics: string;
  readonly ledger: string;
  readonly tiers: string;
  readonly finance: string;
  readonly webhooks: string;
} {
  return {
    store: join(DATA_DIR, 'store'),
    topics: join(DATA_DIR, 'topics'),
    ledger: join(DATA_DIR, 'ledger'),
    tiers: join(DATA_DIR, 'tier-projection'),
    finance: join(DATA_DIR, 'finance'),
    webhooks: join(DATA_DIR, 'webhooks'),
  };
}
