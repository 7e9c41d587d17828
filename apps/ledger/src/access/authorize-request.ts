import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { authorizationId } from '@meterbook/domain/access/authorization-id';
import { authorize, type AccessRefusal, type AccessRequest, type Grant } from '@meterbook/domain/access/authorize';
import type { HoldPlaced } from '@meterbook/domain/access/events';
import type { Quota } from '@meterbook/domain/access/quotas';
import { refused } from '@meterbook/domain/account/decision';
import { toText } from '@meterbook/domain/amount/decimal';
import { versionInForce } from '@meterbook/domain/rulebook/rulebook';
import { formatInstant, storedInstant } from '@meterbook/domain/time/instant';
import type { AccountName } from '@meterbook/books/account-stream';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { Problem, retryAfter } from '@meterbook/http/problem/problem';
import { Written } from '@meterbook/http/request/written';
import { toRefusalProblem, unknownAccount } from '../refusals';
import type { AuthorizationDto } from './authorizations.dto';
import { HoldCommands } from './hold-commands';
import type { HoldDecided, HoldFacts } from './hold-writer';
import type { StoredHold } from './holds';
import { priorityHeader, quotaHeaders } from './quota-headers';

type Answer = Written<AuthorizationDto>;

/** A gateway asks before it serves. */
export class AuthorizeRequest extends Command<Answer> {
  constructor(
    readonly name: AccountName,
    readonly sender: EventMetadata,
    readonly request: AccessRequest,
  ) {
    super();
  }
}

@CommandHandler(AuthorizeRequest)
export class AuthorizeRequestHandler implements ICommandHandler<AuthorizeRequest> {
  constructor(private readonly commands: HoldCommands) {}

  execute({ name, sender, request }: AuthorizeRequest): Promise<Answer> {
    const decide = (facts: HoldFacts): HoldDecided<Answer> => decideAccess(name, request, facts);
    return this.commands.execute('authorize', { name, sender, requestId: request.requestId, decide });
  }
}

function decideAccess(name: AccountName, request: AccessRequest, facts: HoldFacts): HoldDecided<Answer> {
  const { account, book, rulebooks, now, earlier } = facts;
  if (account === undefined) return refusal(unknownAccount(name.account));
  if (earlier !== undefined) return repeatOf(request, earlier);
  const version = versionInForce(rulebooks, now);
  if (version === undefined)
    return refusal(toRefusalProblem(refused('no_rulebook', `No rulebook is in force at ${formatInstant(now)}.`)));
  const decision = authorize(account, book, request, version, now);
  if (decision.kind === 'refused') return refusal(problemOf(decision.refusal));
  const { grant, event, quotas } = decision;
  return {
    event,
    answer: (revision) => granted(grant, quotas, event?.type === 'HoldPlaced' ? idOf(event, revision) : null, false),
  };
}

function idOf({ expiresAt, digest }: HoldPlaced, hold: number): string {
  return authorizationId({ hold, expiresAt: storedInstant(expiresAt) }, digest);
}

function granted(grant: Grant, quotas: readonly Quota[], id: string | null, repeated: boolean): Answer {
  const body = { authorizationId: id, ...grant };
  return new Written(body, repeated, 201, { ...priorityHeader(grant.priority.level), ...quotaHeaders(quotas) });
}

function repeatOf({ requestId, digest }: AccessRequest, { event, revision }: StoredHold): HoldDecided<Answer> {
  if (event.digest !== digest)
    return refusal(
      toRefusalProblem(refused('idempotency_conflict', `${requestId} was used before with other content.`)),
    );
  const { priority: [level, name] = [0, ''], tier = '', group = '', multiplier = '1', amount, expiresAt } = event;
  const grant = { priority: { level, name }, tier, group, multiplier, estimate: amount, heldUntil: expiresAt };
  return { event: null, answer: () => granted(grant, [], idOf(event, revision), true) };
}

/** Thrown only once the head of the stream confirmed what it was decided on. */
function refusal(problem: Problem): HoldDecided<never> {
  return {
    event: null,
    answer: () => {
      throw problem;
    },
  };
}

function problemOf(refusal: AccessRefusal): Problem {
  const { code, detail } = refusal;
  if ('quotas' in refusal)
    return new Problem(code, detail, {
      headers: { ...retryAfter(refusal.retryAfterSeconds), ...quotaHeaders(refusal.quotas) },
    });
  if ('available' in refusal)
    return new Problem(code, detail, {
      members: { available: toText(refusal.available), required: toText(refusal.required) },
    });
  return new Problem(code, detail);
}
