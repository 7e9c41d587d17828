import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EngineModule } from '../engine/engine.module';
import { GrantCreditHandler } from './grant-credit';
import { GrantCreditController } from './grant-credit.controller';
import { ReceiveRechargeHandler } from './receive-recharge';
import { ReceiveRechargeController } from './receive-recharge.controller';

@Module({
  imports: [CqrsModule, EngineModule],
  controllers: [ReceiveRechargeController, GrantCreditController],
  providers: [ReceiveRechargeHandler, GrantCreditHandler],
})
export class WalletModule {}
