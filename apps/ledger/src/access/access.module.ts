import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AuthorizationsController } from './authorizations.controller';
import { AuthorizeRequestHandler } from './authorize-request';
import { HoldsModule } from './holds.module';
import { ReleaseAuthorizationHandler } from './release-authorization';

@Module({
  imports: [CqrsModule, HoldsModule],
  controllers: [AuthorizationsController],
  providers: [AuthorizeRequestHandler, ReleaseAuthorizationHandler],
})
export class AccessModule {}
