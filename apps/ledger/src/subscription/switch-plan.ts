import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { switchAnswer, type SwitchAnswer } from '@meterbook/domain/account/subscription/answers';
import { switchPlan, type Switch } from '@meterbook/domain/account/subscription/switch';
import type { Written } from '@meterbook/http/request/written';
import { AccountCommands, type SentCommand } from '../engine/commands/account-commands';

/** Another plan, which was paid, takes the place of the running one. */
export class SwitchPlan extends Command<Written<SwitchAnswer>> {
  constructor(
    readonly command: SentCommand,
    readonly change: Omit<Switch, 'time'>,
  ) {
    super();
  }
}

@CommandHandler(SwitchPlan)
export class SwitchPlanHandler implements ICommandHandler<SwitchPlan> {
  constructor(private readonly commands: AccountCommands) {}

  execute({ command, change }: SwitchPlan): Promise<Written<SwitchAnswer>> {
    return this.commands.execute(
      command,
      ({ account }, { time, rulebooks }) => switchPlan(account, { ...change, time }, rulebooks),
      this.commands.once('PlanSwitched', switchAnswer),
    );
  }
}
