import { authorizationId } from '../../access/authorization-id';
import { authorize, type AccessRequest } from '../../access/authorize';
import { refundableAt } from '../../access/available';
import type { HoldEvent } from '../../access/events';
import {
  dropExpired,
  dropSettled,
  evolveHolds,
  isNoteDue,
  newHoldBook,
  noteOf,
  type HoldBook,
} from '../../access/hold-book';
import { noteCounts } from '../../access/request-counts';
import { releaseHold } from '../../access/release';
import { issueApiKey, changeApiKey, revokeApiKey } from '../../account/standing/keys';
import { changeSettings } from '../../account/standing/settings';
import type { Limits } from '../../account/standing/events';
import { viewAccount } from '../../account/view';
import type { Account } from '../../account/account';
import type { Decision } from '../../account/decision';
import { toText } from '../../amount/decimal';
import type { PublishedRulebook } from '../../rulebook/rulebook';
import { versionInForce } from '../../rulebook/rulebook';
import { ToldDomain } from '../naive-books/told-domain';
import type { AccessAsk, AccessCommand, AccessOutcome, AskedAccess } from './access-asks';
import { isAskedOfAccess } from './access-asks';

/** The domain's access, asked as the naive one is: it decides, and its events are folded. */
export class ToldAccess {
  readonly domain: ToldDomain;
  readonly events: HoldEvent[] = [];
  book: HoldBook = newHoldBook();
  private readonly requests = new Map<string, { readonly digest: string; readonly answer: unknown }>();
  /** The revision of each hold that a request placed. */
  private readonly placed: number[] = [];

  constructor(private readonly rulebooks: readonly PublishedRulebook[]) {
    this.domain = new ToldDomain(rulebooks);
  }

  ask(asked: AccessAsk): AccessOutcome {
    if (!isAskedOfAccess(asked)) {
      this.domain.spare = this.spareAt(asked.now);
      return this.domain.ask(asked);
    }
    if (this.domain.account === undefined) return { is: 'refused', code: 'unknown_account' };
    if (asked.ask === 'authorize') return this.authorized(this.domain.account, asked.request, asked.now);
    if (asked.ask === 'release') return this.released(asked.authorization, asked.now);
    return this.stands(asked);
  }

  view(now: number): unknown {
    const version = versionInForce(this.rulebooks, now);
    const { account } = this.domain;
    return account && version && viewAccount(account, version.rulebook, now, this.heldAt(now));
  }

  /** Whether the events come to the same from their beginning, and from any that carries a note. */
  holdsTogether(now: number): void {
    const whole = this.told(this.book, now);
    const noted = this.events.findIndex((event, revision) => revision > 0 && event.note !== undefined);
    for (const from of noted < 0 ? [0] : [0, noted]) {
      const book = newHoldBook();
      for (const [index, event] of this.events.slice(from).entries()) evolveHolds(book, event, from + index);
      const again = this.told(book, now);
      if (again !== whole) throw new Error(`read from ${from} the holds come to ${again}, not ${whole}`);
    }
  }

  private told(book: HoldBook, now: number): string {
    this.settle(book, now);
    const live = [...book.live.values()].map(({ id, amount }) => `${id} ${toText(amount)}`).sort();
    const { minute, day } = noteCounts(book.counts, now);
    return JSON.stringify([live, toText(book.held), [...minute].sort(), [...day].sort()]);
  }

  private settle(book: HoldBook, now: number): void {
    dropExpired(book, now);
    if (this.domain.account !== undefined) dropSettled(book, this.domain.account);
  }

  private heldAt(now: number) {
    this.settle(this.book, now);
    return this.book.held;
  }

  private spareAt(now: number) {
    const { account } = this.domain;
    return account === undefined ? null : refundableAt(account, this.heldAt(now), now);
  }

  private authorized(account: Account, asked: AskedAccess, now: number): AccessOutcome {
    const { requestId, model, key: apiKeyId, group, channel, requests, hold } = asked;
    const digest = digestOf(asked);
    const earlier = this.requests.get(requestId);
    if (earlier !== undefined) {
      if (earlier.digest === digest) return { is: 'repeated', answer: earlier.answer };
      return { is: 'refused', code: 'idempotency_conflict' };
    }
    const version = versionInForce(this.rulebooks, now);
    if (version === undefined) return { is: 'refused', code: 'no_rulebook' };
    this.settle(this.book, now);
    const request: AccessRequest = {
      requestId,
      model,
      apiKeyId,
      group,
      channel,
      units: { requests },
      fields: {},
      hold,
      digest,
    };
    const decision = authorize(account, this.book, request, version, now);
    if (decision.kind === 'refused') {
      const { refusal } = decision;
      const more =
        refusal.code === 'insufficient_credits'
          ? { available: toText(refusal.available), required: toText(refusal.required) }
          : null;
      return { is: 'denied', code: refusal.code, more };
    }
    const { event, grant } = decision;
    if (event !== null) this.append(event);
    if (event?.type !== 'HoldPlaced') return { is: 'granted', answer: grant };
    const revision = this.book.revision;
    this.placed.push(revision);
    this.domain.authorizations.push(
      authorizationId({ hold: revision, expiresAt: Date.parse(event.expiresAt) }, digest),
    );
    this.requests.set(requestId, { digest, answer: grant });
    return { is: 'done', answer: grant };
  }

  private released(authorization: number, now: number): AccessOutcome {
    const hold = this.placed[authorization];
    if (hold === undefined) return { is: 'refused', code: 'unknown_authorization' };
    this.settle(this.book, now);
    const event = releaseHold(this.book, hold, now);
    if (event !== null) this.append(event);
    return { is: 'nothing' };
  }

  private append(event: HoldEvent): void {
    const revision = this.book.revision + 1;
    evolveHolds(this.book, event, revision);
    const isNoted = isNoteDue(this.book);
    this.events.push(isNoted ? { ...event, note: noteOf(this.book) } : event);
    if (isNoted) this.book.noteRevision = revision;
  }

  private stands(asked: Exclude<AccessCommand, { ask: 'authorize' | 'release' }>): AccessOutcome {
    const time = { occurredAt: null, now: asked.now };
    const decision = this.decide(asked, time);
    if (decision.kind === 'refused') return { is: 'refused', code: decision.code };
    if (decision.kind === 'repeated' || decision.events.length === 0) return { is: 'nothing' };
    this.domain.append(decision.events);
    return { is: 'done', answer: null };
  }

  private decide(
    asked: Exclude<AccessCommand, { ask: 'authorize' | 'release' }>,
    time: { readonly occurredAt: null; readonly now: number },
  ): Decision {
    const { account } = this.domain;
    const { rulebooks } = this;
    switch (asked.ask) {
      case 'limit':
        return changeSettings(account, { change: { limits: asked.limits as Limits | null }, time }, rulebooks);
      case 'suspend':
        return changeSettings(account, { change: { suspended: asked.suspended }, time }, rulebooks);
      case 'issue': {
        const { key: keyId, group } = asked;
        const issue = { keyId, name: keyId, group, secretHash: keyId, digest: `${keyId} ${group}`, time };
        return issueApiKey(account, issue, rulebooks);
      }
      case 'regroup':
        return changeApiKey(account, { keyId: asked.key, group: asked.group, time }, rulebooks);
      case 'revoke':
        return revokeApiKey(account, { keyId: asked.key, time });
    }
  }
}

/** A digest as long and as random as one of SHA-256 in base64url. */
function digestOf(asked: AskedAccess): string {
  const text = JSON.stringify(asked);
  let hash = 0n;
  for (const character of text) hash = (hash * 1_000_003n + BigInt(character.charCodeAt(0))) % 2n ** 256n;
  return hash.toString(36).padStart(43, '0').slice(-43);
}
