import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { EngineModule } from '../engine/engine.module';
import { ChangeKeyHandler } from './change-key';
import { IssueKeyHandler } from './issue-key';
import { KeysController } from './keys.controller';
import { ListKeysHandler } from './list-keys';
import { RevokeKeyHandler } from './revoke-key';

@Module({
  imports: [CqrsModule, EngineModule],
  controllers: [KeysController],
  providers: [IssueKeyHandler, ChangeKeyHandler, RevokeKeyHandler, ListKeysHandler],
})
export class KeysModule {}
