import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { ValueCheck } from '@meterbook/messages/reading/value-check';
import { CheckedBy, MayBeAbsent } from './value-decorators';

/** Items of a page where nobody says how many. */
export const DEFAULT_PAGE_ITEMS = 100;
/** Most items of a page. */
export const MAX_PAGE_ITEMS = 1000;

const pageLimit: ValueCheck = (value) =>
  typeof value === 'string' && /^[1-9][0-9]{0,3}$/.test(value) && Number(value) <= MAX_PAGE_ITEMS
    ? undefined
    : { code: 'invalid_value', detail: `must be a whole number from 1 to ${MAX_PAGE_ITEMS}` };

/** The property `limit` of the query of a list, a text. */
export const IsPageLimit = (): PropertyDecorator =>
  applyDecorators(
    MayBeAbsent(),
    CheckedBy('isPageLimit', pageLimit),
    ApiProperty({
      type: 'integer',
      minimum: 1,
      maximum: MAX_PAGE_ITEMS,
      default: DEFAULT_PAGE_ITEMS,
      description: 'Most items of the page; it may hold fewer, and `next` says whether there are more.',
    }),
  );

/** How many items a page may hold. */
export const pageItems = ({ limit }: { readonly limit?: string }): number =>
  limit === undefined ? DEFAULT_PAGE_ITEMS : Number(limit);
