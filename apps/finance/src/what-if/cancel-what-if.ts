import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { unknownWhatIf } from './view-what-if';
import { WhatIfs } from './what-ifs';

/** Ends a what-if, or forgets what it came to. */
export class CancelWhatIf extends Command<undefined> {
  constructor(
    readonly platform: string,
    readonly whatIfId: string,
  ) {
    super();
  }
}

@CommandHandler(CancelWhatIf)
export class CancelWhatIfHandler implements ICommandHandler<CancelWhatIf> {
  constructor(private readonly whatIfs: WhatIfs) {}

  execute({ platform, whatIfId }: CancelWhatIf): Promise<undefined> {
    const kept = this.whatIfs.find(platform, whatIfId);
    if (!kept) throw unknownWhatIf(whatIfId);
    this.whatIfs.remove(kept);
    return Promise.resolve(undefined);
  }
}
