import { hash } from 'node:crypto';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { viewProfile } from '@meterbook/domain/access/profile';
import type { Account, ApiKey } from '@meterbook/domain/account/account';
import type { Decimal } from '@meterbook/domain/amount/decimal';
import { accountNamed, type AccountName } from '@meterbook/books/account-stream';
import { Rulebooks } from '@meterbook/books/rulebooks';
import { ASK_FOR_BEARER } from '@meterbook/http/auth/by-api-key';
import { Problem } from '@meterbook/http/problem/problem';
import { Clock } from '@meterbook/runtime/clock';
import { rulebookAt } from '../accounts/show-account';
import { HoldReader } from '../access/hold-reader';
import { isKeySecret } from '../keys/key-secret';
import { FindKey } from './find-key';
import type { ProfileDto } from './profile.dto';

/** The account of an API key, for whoever holds its secret. */
export class ViewProfile extends Query<ProfileDto> {
  constructor(readonly secret: string) {
    super();
  }
}

interface Holder {
  readonly name: AccountName;
  readonly account: Account;
  readonly key: ApiKey;
  readonly held: Decimal;
}

@QueryHandler(ViewProfile)
export class ViewProfileHandler implements IQueryHandler<ViewProfile> {
  constructor(
    private readonly keys: FindKey,
    private readonly holds: HoldReader,
    private readonly rulebooks: Rulebooks,
    private readonly clock: Clock,
  ) {}

  async execute({ secret }: ViewProfile): Promise<ProfileDto> {
    const holder = isKeySecret(secret) ? await this.holderOf(hash('sha256', secret, 'base64url')) : undefined;
    if (!holder) throw new Problem('invalid_api_key', 'Nobody has this API key.', { headers: ASK_FOR_BEARER });
    const { name, account, key, held } = holder;
    const rulebooks = await this.rulebooks.confirmed(name.platform);
    const now = this.clock.now();
    return { ...name, ...viewProfile(account, rulebookAt(rulebooks, now), key.group, now, held) };
  }

  /** The index says where to look; the head of the account's stream says whether the key is its own, and not revoked. */
  private async holderOf(secretHash: string): Promise<Holder | undefined> {
    const found = await this.keys.find(secretHash);
    const name = found && accountNamed(found.account);
    if (!name) return undefined;
    const { account, held } = await this.holds.confirmed(name);
    const key = account?.standing.keys?.get(found.keyId);
    if (!account || key?.secretHash !== secretHash || key.revoked) return undefined;
    return { name, account, key, held };
  }
}
