import type { Engines } from '@meterbook/host/engines/engines';
import { storeBacklog } from '@meterbook/host/loops/backlog';
import type { HostedLoop } from '@meterbook/host/loops/hosted-loops';
import { LOOPS } from '@meterbook/host/loops/loop-table';
import { LEADS, whileLeading } from '@meterbook/host/loops/while-leading';
import { whileOwning } from '@meterbook/host/loops/while-owning';
import { GROUPS } from '@meterbook/messages/topic-table';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';
import type { Random } from '@meterbook/runtime/random';
import { DeliverWebhooks } from './deliveries/deliver-webhooks';
import { Networks } from './receivers/networks';
import { PostMessages } from './receivers/post';
import { askNameServers } from './receivers/resolve-host';
import { SigningKeys } from './secrets/signing-keys';
import type { WebhookSettings } from './webhooks.module';

/** What a process or a thread that delivers is made of. */
export interface DeliveringParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Of the disposable files, the same as the HTTP side's. */
  readonly directory: string;
  readonly settings: WebhookSettings;
}

/** The delivery of webhooks; it does not run yet. */
export function deliveringParts(
  { store, topics }: Pick<Engines, 'store' | 'topics'>,
  { clock, random, log, directory, settings }: DeliveringParts,
): DeliverWebhooks {
  const networks = new Networks(settings.WEBHOOK_PRIVATE_NETWORKS);
  const posting = new PostMessages(networks, askNameServers, clock);
  const keys = new SigningKeys(settings.WEBHOOK_KEYS, directory, random);
  return new DeliverWebhooks({ store, topics, clock, random, log, directory, keys, posting });
}

/** The loop of the webhooks: of all processes and threads that host it, one delivers at a time, and only that one says how far behind it is. */
export function hostedWebhookLoops(
  engines: Pick<Engines, 'store' | 'folder' | 'topics'>,
  delivering: DeliverWebhooks,
  clock: Clock,
  directory: string,
): readonly HostedLoop[] {
  let delivers = false;
  const deliverAsLeader = whileOwning(directory, async (owning) => {
    delivers = true;
    try {
      await delivering.run(owning);
    } finally {
      delivers = false;
    }
  });
  return [
    {
      ...LOOPS.deliverWebhooks,
      group: GROUPS.tellingDeadLetters,
      damaged: delivering.damaged,
      run: (signal) => whileLeading(engines.topics, LEADS.webhooks, deliverAsLeader, signal),
      backlog: storeBacklog(engines, clock, () => (delivers ? delivering.progress() : null)),
    },
  ];
}
