import { hash } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { keyAnswer } from '@meterbook/domain/account/answers';
import { issueApiKey } from '@meterbook/domain/account/standing/keys';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { bodyDigest } from '@meterbook/http/request/body-digest';
import { Written } from '@meterbook/http/request/written';
import { Random } from '@meterbook/runtime/random';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';
import type { IssuedKeyDto, IssueKeyBody } from './api-key.dto';

const secretBytes = 32;

/** An API key is issued; its secret is shown in this answer and kept nowhere. */
export class IssueKey extends Command<Written<IssuedKeyDto>> {
  constructor(
    readonly name: AccountName,
    readonly body: IssueKeyBody,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(IssueKey)
export class IssueKeyHandler implements ICommandHandler<IssueKey> {
  constructor(
    private readonly commands: AccountCommands,
    private readonly random: Random,
  ) {}

  async execute({ name, body, sender }: IssueKey): Promise<Written<IssuedKeyDto>> {
    const { keyId, occurredAt } = body;
    const secret = `mb_${Buffer.from(this.random.bytes(secretBytes)).toString('base64url')}`;
    const issue = {
      keyId,
      name: body.name,
      group: body.group ?? null,
      secretHash: hash('sha256', secret, 'base64url'),
      digest: bodyDigest(body),
    };
    const { body: key, repeated } = await this.commands.executeOnce(
      { name, sender, occurredAt },
      ({ account }, { time, rulebooks }) => issueApiKey(account, { ...issue, time }, rulebooks),
      'ApiKeyIssued',
      keyAnswer,
    );
    return new Written(repeated ? key : { ...key, secret }, repeated);
  }
}
