import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { errorCatalogue, type ErrorCode } from '../problem/error-catalogue';
import { PROBLEM_CONTENT_TYPE } from '../problem/problem';
import { PROBLEM_REF } from './shared-schemas';

const problemContent = { [PROBLEM_CONTENT_TYPE]: { schema: { $ref: PROBLEM_REF } } };

/** An OpenAPI response whose body is a problem. */
export const problemResponse = (description: string): object => ({ description, content: problemContent });

const line = (code: ErrorCode): string => `\`${code}\`: ${errorCatalogue[code].title}.`;

/** One response per status, with every code that it can carry. */
export function problemResponses(codes: readonly ErrorCode[]): Readonly<Record<string, string>> {
  const byStatus: Record<string, string> = {};
  for (const code of codes) {
    const { status } = errorCatalogue[code];
    const before = byStatus[status];
    byStatus[status] = before === undefined ? line(code) : `${before}\n\n${line(code)}`;
  }
  return byStatus;
}

/** Describes the refusals of a handler, beside those that every handler has. */
export const Refuses = (...codes: readonly ErrorCode[]): MethodDecorator =>
  applyDecorators(
    ...Object.entries(problemResponses(codes)).map(([status, description]) =>
      ApiResponse({ status: Number(status), description, content: problemContent }),
    ),
  );
