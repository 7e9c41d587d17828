import type { Clock } from '@meterbook/runtime/clock';
import type { AskedFile } from './asked-file';
import { BESIDE_ORDER, type DeliveryFile } from './delivery-file';
import type { Registry } from './registry';

/** How often is looked for what was asked by HTTP, milliseconds. */
const LOOK_EVERY_MS = 250;
/** How often what ended long ago is taken away, milliseconds. */
const FORGET_EVERY_MS = 60_000;

export interface AskedParts {
  readonly clock: Clock;
  readonly registry: Registry;
  readonly asked: AskedFile;
  /** Resolves when every endpoint is known that was registered up to now. */
  readonly caughtUp: (signal: AbortSignal) => Promise<void>;
  readonly queued: (endpoints: ReadonlySet<string>) => void;
}

/** Queues what somebody asked for by HTTP, tests and deliveries once more, beside the order of their accounts. */
export class TakeAsked {
  constructor(private readonly parts: AskedParts) {}

  /** The loop: looks until aborted. */
  async run(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { clock } = this.parts;
    let forgottenAt = -Infinity;
    while (!signal.aborted) {
      await this.take(file, signal);
      if (clock.now() - forgottenAt >= FORGET_EVERY_MS && !file.forget(clock.now())) forgottenAt = clock.now();
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
  }

  private async take(file: DeliveryFile, signal: AbortSignal): Promise<void> {
    const { asked, registry, clock, queued } = this.parts;
    const wanted = asked.next();
    const last = wanted.at(-1);
    if (!last) return;
    await this.parts.caughtUp(signal);
    if (signal.aborted) return;
    const known = wanted.filter(({ endpoint }) => registry.find(endpoint));
    file.together(() => {
      for (const { endpoint, id, body } of known) {
        if (body === null) file.sendAgain(endpoint, id);
        else file.queue({ endpoint, account: `${BESIDE_ORDER}${id}`, id, type: 'webhook.test', body }, clock.now());
      }
    });
    asked.done(last.seq);
    queued(new Set(known.map(({ endpoint }) => endpoint)));
  }
}
