import { HttpException } from '@nestjs/common';
import { UnreadableText } from '@meterbook/messages/reading/json-text';
import type { ErrorCode } from './error-catalogue';
import { Problem } from './problem';

/** What the framework answers with by status alone: it names no code of ours. */
const byStatus: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  400: ['bad_request', 'The request could not be read.'],
  403: ['forbidden', 'This is not allowed.'],
  404: ['not_found', 'There is nothing at this path.'],
  405: ['method_not_allowed', 'The path does not take this method.'],
  408: ['request_timeout', 'The request took too long to arrive.'],
  413: ['payload_too_large', 'The body is over the limit of this route.'],
  414: ['uri_too_long', 'A part of the path is too long.'],
  415: ['unsupported_media_type', 'The content type of the body is not taken here.'],
  431: ['headers_too_large', 'The request headers are too large.'],
};

const statusOf = (error: unknown): unknown => {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
};

/** The problem an error stands for; undefined for one that nobody expected. The framework's own texts are not passed on. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof UnreadableText) return new Problem(error.code, error.detail);
  const status = statusOf(error);
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  const [code, detail] = byStatus[status] ?? ['bad_request', 'The request could not be read.'];
  return new Problem(code, detail);
}
