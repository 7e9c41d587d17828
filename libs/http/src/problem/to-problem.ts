import { HttpException } from '@nestjs/common';
import { UnreadableText } from '@meterbook/messages/reading/json-text';
import {
  AppendOutcomeUnknown,
  StoreUnavailable,
  StoreUnfit,
  StreamDamaged,
} from '@meterbook/event-store/store-failure';
import { TopicsBusy, TopicsUnavailable } from '@meterbook/topics/topics';
import { isDiskFailure } from '@meterbook/runtime/sqlite-failure';
import type { ErrorCode } from './error-catalogue';
import { Problem, retryAfter } from './problem';

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

/** After this many seconds it is worth asking again. */
const RETRY_AFTER_SECONDS = 1;
/** What a person has to mend is not mended in a second. */
const RETRY_MENDED_AFTER_SECONDS = 60;

/** The problem of an engine that could not do what was asked of it. */
function engineProblem(error: unknown): Problem | undefined {
  if (error instanceof StreamDamaged)
    return new Problem('stream_damaged', `${error.stream} cannot be read; everything else goes on.`, {
      headers: retryAfter(RETRY_MENDED_AFTER_SECONDS),
    });
  if (error instanceof StoreUnfit)
    return new Problem('unavailable', 'The event store must not be used as it is; whoever runs it has to mend it.', {
      headers: retryAfter(RETRY_MENDED_AFTER_SECONDS),
    });
  const headers = retryAfter(RETRY_AFTER_SECONDS);
  if (error instanceof AppendOutcomeUnknown)
    return new Problem('outcome_unknown', 'It may have been done: send the same again, and it is done once.', {
      headers,
    });
  if (error instanceof TopicsBusy || error instanceof TopicsUnavailable)
    return new Problem('unavailable', 'The topics cannot take anything just now; nothing was done.', { headers });
  if (isDiskFailure(error))
    return new Problem('unavailable', 'Nothing can be written just now: the disk is full, or fails.', { headers });
  if (error instanceof StoreUnavailable)
    return new Problem('unavailable', 'The event store cannot be reached or written just now.', { headers });
  return undefined;
}

const statusOf = (error: unknown): unknown => {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
};

/** The problem an error stands for; undefined for one that nobody expected. The framework's own texts are not passed on. */
export function toProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof UnreadableText) return new Problem(error.code, error.detail);
  const ofEngine = engineProblem(error);
  if (ofEngine) return ofEngine;
  const status = statusOf(error);
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  const [code, detail] = byStatus[status] ?? ['bad_request', 'The request could not be read.'];
  return new Problem(code, detail);
}
