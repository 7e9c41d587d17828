import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { HttpReply } from '../http-message';

/** What a write answers: its body, and whether it only repeats an earlier one. */
export class Written<T> {
  constructor(
    readonly body: T,
    readonly repeated: boolean,
  ) {}
}

/** Answers a `Written` with 201 the first time, and with 200 and `Idempotency-Hit: true` when it is repeated. */
@Injectable()
export class WrittenInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<HttpReply>();
    return next.handle().pipe(map((answer: unknown) => (answer instanceof Written ? this.unwrap(answer, reply) : answer)));
  }

  private unwrap(written: Written<unknown>, reply: HttpReply): unknown {
    reply.code(written.repeated ? 200 : 201);
    if (written.repeated) reply.header('idempotency-hit', 'true');
    return written.body;
  }
}
