import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Open } from '../auth/access';
import type { HttpReply } from '../http-message';
import { Health, type NamedIndication } from './health';

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @Open()
  @ApiOperation({ summary: 'Whether the process answers at all' })
  live(): { readonly status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  @Open()
  @ApiOperation({ summary: 'What is down and how far behind each part is' })
  @ApiResponse({ status: 200, description: 'Everything is up.' })
  @ApiResponse({ status: 503, description: 'Something is down; every part is listed.' })
  async ready(
    @Res({ passthrough: true }) reply: HttpReply,
  ): Promise<{ readonly status: 'up' | 'down'; readonly indicators: readonly NamedIndication[] }> {
    const { ready, indicators } = await this.health.readiness();
    reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    return { status: ready ? 'up' : 'down', indicators };
  }
}
