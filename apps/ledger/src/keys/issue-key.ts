import { hash } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { keyAnswer } from '@meterbook/domain/account/answers';
import { issueApiKey, type KeyIssue } from '@meterbook/domain/account/standing/keys';
import { Written } from '@meterbook/http/request/written';
import { Random } from '@meterbook/runtime/random';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';
import type { IssuedKeyDto } from './api-key.dto';
import { newKeySecret } from './key-secret';

/** An API key is issued; its secret is shown in this answer and kept nowhere. */
export class IssueKey extends Command<Written<IssuedKeyDto>> {
  constructor(
    readonly command: SentCommand,
    readonly issue: Omit<KeyIssue, 'time' | 'secretHash'>,
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

  async execute({ command, issue }: IssueKey): Promise<Written<IssuedKeyDto>> {
    const secret = newKeySecret(this.random);
    const secretHash = hash('sha256', secret, 'base64url');
    const { body: key, repeated } = await this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => issueApiKey(account, { ...issue, secretHash, time }, rulebooks),
      this.commands.once('ApiKeyIssued', keyAnswer),
    );
    return new Written(repeated ? key : { ...key, secret }, repeated);
  }
}
