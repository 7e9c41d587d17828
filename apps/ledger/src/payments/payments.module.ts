import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { HoldsModule } from '../access/holds.module';
import { EngineModule } from '../engine/engine.module';
import { LoseDisputeHandler, WinDisputeHandler } from './close-dispute';
import { DisputeRechargeHandler } from './dispute-recharge';
import { DisputesController } from './disputes.controller';
import { RefundRechargeHandler } from './refund-recharge';
import { RefundRechargeController } from './refund-recharge.controller';
import { WriteOffReceivableHandler } from './write-off-receivable';
import { WriteOffReceivableController } from './write-off-receivable.controller';

@Module({
  imports: [CqrsModule, EngineModule, HoldsModule],
  controllers: [RefundRechargeController, DisputesController, WriteOffReceivableController],
  providers: [
    RefundRechargeHandler,
    DisputeRechargeHandler,
    WinDisputeHandler,
    LoseDisputeHandler,
    WriteOffReceivableHandler,
  ],
})
export class PaymentsModule {}
