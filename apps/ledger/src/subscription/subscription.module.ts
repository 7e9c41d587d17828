import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EngineModule } from '../engine/engine.module';
import { CancelSubscriptionHandler } from './cancel-subscription';
import { QuoteSwitchHandler } from './quote-switch';
import { RenewSubscriptionHandler } from './renew-subscription';
import { StartSubscriptionHandler } from './start-subscription';
import { SubscriptionController } from './subscription.controller';
import { SwitchPlanHandler } from './switch-plan';

@Module({
  imports: [CqrsModule, EngineModule],
  controllers: [SubscriptionController],
  providers: [
    StartSubscriptionHandler,
    RenewSubscriptionHandler,
    CancelSubscriptionHandler,
    SwitchPlanHandler,
    QuoteSwitchHandler,
  ],
})
export class SubscriptionModule {}
