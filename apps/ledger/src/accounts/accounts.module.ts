import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { HoldsModule } from '../access/holds.module';
import { EngineModule } from '../engine/engine.module';
import { ChangeSettingsHandler } from './change-settings';
import { ChangeSettingsController } from './change-settings.controller';
import { OpenAccountHandler } from './open-account';
import { OpenAccountController } from './open-account.controller';
import { ViewAccountHandler } from './view-account';
import { ViewAccountController } from './view-account.controller';

@Module({
  imports: [CqrsModule, EngineModule, HoldsModule],
  controllers: [OpenAccountController, ViewAccountController, ChangeSettingsController],
  providers: [OpenAccountHandler, ViewAccountHandler, ChangeSettingsHandler],
})
export class AccountsModule {}
