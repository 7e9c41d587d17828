import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { isDto, readRequest } from './read-request';

/** Reads each `@Body()` and `@Query()` whose type is a DTO class; what has another type passes as it is. */
@Injectable()
export class RequestPipe implements PipeTransform {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    const isRead = type === 'body' || type === 'query';
    return isRead && isDto(metatype) ? readRequest(metatype, value) : value;
  }
}
