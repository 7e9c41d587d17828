import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EngineModule } from '../engine/engine.module';
import { ReverseChargeHandler } from './reverse-charge';
import { ReverseChargeController } from './reverse-charge.controller';
import { ViewChargesHandler } from './view-charges';
import { ViewChargesController } from './view-charges.controller';

@Module({
  imports: [CqrsModule, EngineModule],
  controllers: [ReverseChargeController, ViewChargesController],
  providers: [ReverseChargeHandler, ViewChargesHandler],
})
export class ChargesModule {}
