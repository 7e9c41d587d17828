import { ApiProperty } from '@nestjs/swagger';

/** Where a service leads whoever comes to its root. */
export class EntranceDto {
  @ApiProperty({ description: 'What it is.' })
  readonly name!: string;

  @ApiProperty({ description: 'A page to read the API on, and to try it.' })
  readonly page!: string;

  @ApiProperty({ description: 'The API, as OpenAPI 3.1.' })
  readonly openapi!: string;

  @ApiProperty({ description: 'The topics and their records, as AsyncAPI 3.0.' })
  readonly asyncapi!: string;

  @ApiProperty({ description: 'JSON Schemas of what is sent.', type: [String] })
  readonly schemas!: readonly string[];

  @ApiProperty({ description: 'What is down, and how far behind each part is.' })
  readonly health!: string;

  @ApiProperty({ description: 'Metrics in the text format of Prometheus.' })
  readonly metrics!: string;
}

export const entrance: EntranceDto = {
  name: 'Meterbook',
  page: '/docs',
  openapi: '/openapi.json',
  asyncapi: '/asyncapi.json',
  schemas: ['/schemas/usage-event.json', '/schemas/rulebook.json'],
  health: '/health/ready',
  metrics: '/metrics',
};
