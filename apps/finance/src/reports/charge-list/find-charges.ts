import { toldCharge, type ToldCharge } from '@meterbook/domain/account/charging/charge-sentence';
import { formatInstant } from '@meterbook/domain/time/instant';
import { decodeAccountEvent } from '@meterbook/books/account-event';
import { accountStream, eventAt } from '@meterbook/books/account-stream';
import type { EventStore } from '@meterbook/event-store/event-store';
import { StreamDamaged } from '@meterbook/event-store/store-failure';
import type { Clock } from '@meterbook/runtime/clock';
import { charges } from '../../projections/charges/charges';
import { whereaboutsOf, type Whereabouts } from '../../projections/charges/id-runs';
import type { ProjectionReader } from '../../projections/projection-reader';
import { chargeMark } from './charges-cursor';
import type { ChargePlace, ChargesQuestion } from './charges-question';

type ById = Extract<ChargesQuestion, { by: 'id' }>;
type FoundCharge = ToldCharge & { readonly account: string; readonly bookedAt: string };

/** The charges of one id, in any account, as JSON text. One that cannot be read is left out. */
export async function foundCharges(
  store: EventStore,
  clock: Clock,
  reader: ProjectionReader,
  question: ById,
): Promise<string> {
  await reader.isFinalAt(charges.name, clock.now());
  const snapshot = reader.snapshot(charges.name);
  const all = snapshot ? whereaboutsOf(snapshot.database, question.platform, question.id) : [];
  snapshot?.close();
  const { after, limit } = question;
  const found: FoundCharge[] = [];
  let [last, next]: [ChargePlace | undefined, string | null] = [undefined, null];
  for (const place of after === null ? all : all.filter((one) => comparePlaces(one, after) > 0)) {
    if (found.length === limit) {
      next = last ? chargeMark(last) : null;
      break;
    }
    const charge = await chargeOf(store, question, place);
    if (charge) found.push(charge);
    last = place;
  }
  return JSON.stringify({ charges: found, next });
}

function comparePlaces(a: ChargePlace, b: ChargePlace): number {
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  return a.revision - b.revision || a.index - b.index;
}

async function chargeOf(
  store: EventStore,
  { platform, id }: ById,
  { account, revision, index, isReversed }: Whereabouts,
): Promise<FoundCharge | undefined> {
  try {
    const stored = await eventAt(store, accountStream({ platform, account }), revision);
    const event = decodeAccountEvent(stored);
    const charge = event.type === 'UsageCharged' ? event.charges[index] : undefined;
    if (event.type !== 'UsageCharged' || charge?.id !== id) return undefined;
    return { account, bookedAt: formatInstant(stored.bookedAt), ...toldCharge(charge, event.currency, isReversed) };
  } catch (error) {
    if (error instanceof StreamDamaged) return undefined;
    throw error;
  }
}
