import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { keyAnswer } from '@meterbook/domain/account/answers';
import type { ApiKey } from '@meterbook/domain/account/account';
import { changeApiKey } from '@meterbook/domain/account/standing/keys';
import type { EventMetadata } from '@meterbook/books/event-codec';
import { AccountCommands } from '../engine/commands/account-commands';
import type { AccountName } from '@meterbook/books/account-stream';
import type { ChangeKeyBody, KeyDto } from './api-key.dto';

/** An API key moves to another group. */
export class ChangeKey extends Command<KeyDto> {
  constructor(
    readonly name: AccountName,
    readonly keyId: string,
    readonly body: ChangeKeyBody,
    readonly sender: EventMetadata,
  ) {
    super();
  }
}

@CommandHandler(ChangeKey)
export class ChangeKeyHandler implements ICommandHandler<ChangeKey> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ name, keyId, body, sender }: ChangeKey): Promise<KeyDto> {
    const { occurredAt } = body;
    return this.commands.execute(
      { name, sender, occurredAt },
      ({ account }, { time, rulebooks }) => {
        const group = body.group === undefined ? (account?.standing.keys?.get(keyId)?.group ?? null) : body.group;
        return changeApiKey(account, { keyId, group, time }, rulebooks);
      },
      (_, { account }) => keyAnswer(account?.standing.keys?.get(keyId) as ApiKey),
    );
  }
}
