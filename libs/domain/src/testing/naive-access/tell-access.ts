import type { Ask } from '../naive-books/asks';
import { told } from '../naive-books/tell';
import type { AccessAsk, AskedAccess } from './access-asks';
import type { NaiveAccessVersion } from './access-rules';
import type { AccessDoing, AccessStep, AccessWait } from './access-stories';
import type { NaiveAccess } from './naive-access';
import { isAskedOfAccess } from './access-asks';

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** After so long the id of a request may be used for another one, so none that old is sent again. */
const sentAgainMs = 30 * dayMs;

export interface AccessSoFar {
  readonly naive: NaiveAccess;
  readonly versions: readonly NaiveAccessVersion[];
  readonly asks: readonly AccessAsk[];
  readonly now: number;
  readonly usages: number;
}

/** The next thing that is asked, once it is known how things stand. */
export function toldAccess(step: AccessStep, so: AccessSoFar): AccessAsk {
  const { naive, versions, asks, usages } = so;
  if (step.of === 'books') {
    const ofBooks = asks.filter((ask): ask is Ask => !isAskedOfAccess(ask));
    return told(step.step, { books: naive.account.books(), versions, asks: ofBooks, now: so.now, usages });
  }
  return asked(step.doing, so, after(step.wait, so));
}

/** When holds expire and requests leave the minute, and the next midnight. */
function after(wait: AccessWait, { naive, now }: AccessSoFar): number {
  if ('ms' in wait) return now + wait.ms;
  const matters = [
    ...[...naive.holds.values()].map(({ until }) => until),
    ...naive.counted.map(({ at }) => at + minuteMs),
    now - (now % dayMs) + dayMs,
  ].filter((at) => at >= now);
  return Math.max(now, (matters[wait.which % matters.length] ?? now) + wait.offset);
}

function asked(doing: AccessDoing, so: AccessSoFar, now: number): AccessAsk {
  switch (doing.does) {
    case 'authorize': {
      const { id, model, key, group, channel, requests, hold } = doing;
      return authorizing({ requestId: `q${id}`, model, key, group, channel, requests, hold }, so, now);
    }
    case 'ask again': {
      const requests = so.asks.flatMap((ask) => (ask.ask === 'authorize' ? [ask.request] : []));
      const again = requests[doing.which % Math.max(1, requests.length)];
      return again === undefined ? { ask: 'earn', now } : authorizing(again, so, now);
    }
    case 'release':
      return { ask: 'release', authorization: oneOf(doing.which, so), now };
    case 'settle': {
      const { which, model, requests } = doing;
      const usage = { id: `u${so.usages}`, at: now, model, group: null, channel: null, units: { requests } };
      return { ask: 'usage', usages: [{ ...usage, authorization: oneOf(which, so) }], now };
    }
    case 'issue':
    case 'regroup':
      return { ask: doing.does, key: doing.key, group: doing.group, now };
    case 'revoke':
      return { ask: 'revoke', key: doing.key, now };
    case 'limit':
      return { ask: 'limit', limits: doing.limits, now };
    case 'suspend':
      return { ask: 'suspend', suspended: doing.suspended, now };
  }
}

/** One of the authorizations that there are, or, seldom, one that is not. */
function oneOf(which: number, { naive }: AccessSoFar): number {
  return which % (naive.holds.size + 1);
}

/** The same id is not used again for long after it was first. */
function authorizing(request: AskedAccess, { asks }: AccessSoFar, now: number): AccessAsk {
  const first = asks.find((ask) => ask.ask === 'authorize' && ask.request.requestId === request.requestId);
  const isOld = first !== undefined && now - first.now > sentAgainMs;
  return { ask: 'authorize', request: isOld ? { ...request, requestId: `${request.requestId}-${now}` } : request, now };
}
