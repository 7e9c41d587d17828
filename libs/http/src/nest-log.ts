import type { LoggerService } from '@nestjs/common';
import type { Log } from '@meterbook/runtime/log';

/** Lets what Nest itself has to say go through the one log. Its start-up chatter is `debug`. */
export class NestLog implements LoggerService {
  constructor(private readonly lines: Log) {}

  log(message: unknown, ...more: unknown[]): void {
    this.lines.debug({ nest: more.at(-1) }, String(message));
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.lines.debug({ nest: more.at(-1) }, String(message));
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.lines.trace({ nest: more.at(-1) }, String(message));
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.lines.warn({ nest: more.at(-1) }, String(message));
  }

  error(message: unknown, ...more: unknown[]): void {
    const text = message instanceof Error ? message.message : String(message);
    this.lines.error({ err: message, nest: more.at(-1) }, text);
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.lines.fatal({ err: message, nest: more.at(-1) }, String(message));
  }
}
