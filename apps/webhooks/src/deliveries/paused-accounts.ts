import { accountStream } from '@meterbook/books/account-stream';
import type { Rulebooks } from '@meterbook/books/rulebooks';
import type { DamagedStreams } from '@meterbook/event-store/damaged-streams';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { hasWebhooks } from '../endpoints/webhook-tier';
import type { AccountStates } from './account-states';
import type { Listener } from './registry';

/** How long an answer holds, milliseconds. */
const KNOWN_FOR_MS = 10_000;
/** Accounts that are remembered. */
const MAX_KNOWN = 10_000;

/** Whether endpoints pause: those of accounts whose tier has no webhooks (any more). */
export class PausedAccounts {
  private readonly known = new Map<string, { readonly at: number; readonly paused: boolean }>();

  constructor(
    private readonly states: AccountStates,
    private readonly rulebooks: Rulebooks,
    private readonly damaged: DamagedStreams,
    private readonly clock: Clock,
  ) {}

  async isPaused({ platform, endpoint: { account } }: Listener): Promise<boolean> {
    if (account === null) return false;
    const key = `${platform}/${account}`;
    const now = this.clock.now();
    const known = this.known.get(key);
    if (known && Math.abs(now - known.at) < KNOWN_FOR_MS) return known.paused;
    const paused = !(await this.hasWebhooks(platform, account, now));
    if (this.known.size >= MAX_KNOWN) this.known.clear();
    this.known.set(key, { at: now, paused });
    return paused;
  }

  /** One whose stream is damaged keeps what it was queued. */
  private async hasWebhooks(platform: string, account: string, nowMs: number): Promise<boolean> {
    try {
      const state = await this.states.now({ platform, account });
      return state !== undefined && hasWebhooks(state, await this.rulebooks.confirmed(platform), nowMs) === true;
    } catch (error) {
      if (!(error instanceof StreamDamaged)) throw error;
      this.damaged.note(accountStream({ platform, account }), error);
      return false;
    }
  }
}
