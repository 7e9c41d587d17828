import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Open } from '../auth/access';
import { Callers } from '../auth/callers';
import { Principal } from '../auth/principal';
import type { HttpReply, HttpRequest } from '../http-message';
import { ShownBy } from '../openapi/example';
import { Health, type NamedIndication } from './health';
import { LivenessDto, ReadinessDto } from './health.dto';

/** The same without its reason, which may name accounts, files and servers. */
const forStrangers = ({ name, up, behind }: NamedIndication): NamedIndication => ({
  name,
  up,
  detail: up ? 'It is up.' : 'It is down.',
  ...(behind === undefined ? {} : { behind }),
});

@ApiTags('operations')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly callers: Callers,
  ) {}

  @Get('live')
  @Open()
  @ApiOperation({ summary: 'Whether the process answers at all' })
  @ApiOkResponse({ type: LivenessDto, description: 'It does.' })
  @ShownBy({ status: 200, answer: { status: 'up' } })
  checkLiveness(): LivenessDto {
    return { status: 'up' };
  }

  @Get('ready')
  @Open()
  @ApiOperation({
    summary: 'What is down and how far behind each part is',
    description: 'A token with the scope `admin` sees why; whoever has none sees which.',
  })
  @ApiResponse({ status: 200, type: ReadinessDto, description: 'Everything is up.' })
  @ApiResponse({ status: 503, type: ReadinessDto, description: 'Something is down; every part is listed.' })
  async checkReadiness(
    @Res({ passthrough: true }) reply: HttpReply,
    @Req() request: HttpRequest,
  ): Promise<ReadinessDto> {
    const { ready, indicators } = await this.health.readiness();
    reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    const header = [request.headers['authorization']].flat()[0];
    const caller = await this.callers.identify(header);
    const isOurs = caller instanceof Principal && caller.may('admin');
    return { status: ready ? 'up' : 'down', indicators: isOurs ? indicators : indicators.map(forStrangers) };
  }
}
