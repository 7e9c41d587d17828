import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Scopes } from '@meterbook/http/auth/access';
import { ShownBy } from '@meterbook/http/openapi/example';
import { Refuses } from '@meterbook/http/openapi/problem-responses';
import { AnswersWithin } from '@meterbook/http/route-options';
import { takesNothing } from '../reports/nothing-else';
import { VerifyBooks } from './verify-books';
import { verifyBooksExample } from './verify.examples';

/** How long the answer of a verification may take, milliseconds: it reads the whole store. */
const VERIFY_WITHIN_MS = 3_600_000;

class VerifyFaultDto {
  @ApiProperty({ type: String, nullable: true })
  readonly stream!: string | null;

  @ApiProperty({ type: Number, nullable: true })
  readonly revision!: number | null;

  @ApiProperty()
  readonly position!: string;

  @ApiProperty()
  readonly detail!: string;
}

export class VerifyDto {
  @ApiProperty({ description: 'True when nothing was found.' })
  readonly ok!: boolean;

  @ApiProperty({ description: 'Streams of the store.' })
  readonly streams!: number;

  @ApiProperty({ description: 'Events that were read.' })
  readonly events!: number;

  @ApiProperty({
    type: [VerifyFaultDto],
    description: 'What is not as it was written, or not what it states; at most 1000.',
  })
  readonly faults!: readonly VerifyFaultDto[];

  @ApiProperty({
    required: false,
    description: 'Streams of somebody else on the same store, which were passed over; absent where there are none.',
  })
  readonly foreignStreams?: number;
}

@ApiTags('finance')
@Controller('v1/verify')
export class VerifyController {
  constructor(private readonly queries: QueryBus) {}

  @Post()
  @AnswersWithin(VERIFY_WITHIN_MS)
  @HttpCode(200)
  @Scopes('admin')
  @ApiOperation({ summary: 'Prove every stored byte, and every balance by folding each account again' })
  @ApiOkResponse({
    type: VerifyDto,
    description: 'What was found; a verification that is under way answers for itself.',
  })
  @Refuses('invalid_request')
  @ShownBy(verifyBooksExample)
  async verifyBooks(@Body() body: unknown): Promise<VerifyDto> {
    takesNothing(body);
    return this.queries.execute(new VerifyBooks());
  }
}
