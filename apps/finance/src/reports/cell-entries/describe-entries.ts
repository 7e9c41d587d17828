import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery } from '@nestjs/swagger';
import { DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS } from '@meterbook/http/request/page-limit';
import { dimensionTexts } from '../grouped/declaration';
import type { CellDeclaration } from './cell-declarations';
import { axisSchemas, axes, instantsOf, measureSchemas } from '../grouped/describe-report';

const text = (description: string): object => ({ type: 'string', description });

/** Describes the route of the entries of a report in the document of the interface, by the report's declaration. */
export function DescribedAsEntries(declaration: CellDeclaration): MethodDecorator {
  const { name, dimensions, mustName } = declaration;
  const capital = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return applyDecorators(
    ApiOperation({
      operationId: `list${capital}Entries`,
      summary: `The entries that a cell of the report ${name} is the sum of`,
      description:
        'Asked as the report itself, with the values of the cell’s group as filters: the measures of all entries come to those of the cell. A page may hold fewer than asked for, even none: the last one is that without a `next`.',
    }),
    ...axes,
    ...instantsOf(declaration),
    ...dimensions.map((dimension) =>
      ApiQuery({
        name: dimension,
        required: mustName.includes(dimension),
        isArray: true,
        type: String,
        description: `${dimensionTexts[dimension] ?? dimension}: of the cell; empty for one without.`,
      }),
    ),
    ApiQuery({ name: 'groupBy', required: false, type: String, description: 'As in the report; it changes nothing.' }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE_ITEMS, default: DEFAULT_PAGE_ITEMS },
      description: 'Most items of the page.',
    }),
    ApiQuery({ name: 'cursor', required: false, type: String, description: 'The `next` of the page before.' }),
    ApiOkResponse({
      description: orders[name] ?? 'In store order; what time alone has changed comes last.',
      schema: answerSchema(declaration),
    }),
  );
}

/** In which order the entries of a report are told that do not stand in the order of the store. */
const orders: Readonly<Record<string, string>> = {
  recharges: 'By account, each in the order of its events.',
  deferred: 'By account and period: what was open of its fee, was sold, was earned and was credited.',
  receivables: 'By account, each in the order of its events: what is open, with what it is for.',
};

function answerSchema(declaration: CellDeclaration): object {
  const measures = measureSchemas(declaration.measures);
  const leg = {
    type: 'object',
    properties: { ledgerAccount: text('Of the ledger.'), commodity: text('Its commodity.'), amount: text('A debit.') },
  };
  const entry = {
    event: text('The event’s type, or `Derived` for what time alone has changed.'),
    account: text('The account.'),
    reference: { ...text('The id of the command, or of the usage.'), nullable: true },
    occurredAt: { type: 'string', format: 'date-time' },
    bookedAt: { type: 'string', format: 'date-time' },
    legs: { type: 'array', items: leg },
    measures: { type: 'object', properties: measures, description: 'What it adds to the measures of the cell.' },
    explain: { ...text('The formula with the numbers in it; null where nothing was counted.'), nullable: true },
    sentence: text('What it was, for a customer.'),
  };
  return {
    type: 'object',
    required: ['items', 'next'],
    properties: {
      ...axisSchemas(declaration),
      items: { type: 'array', items: { type: 'object', properties: entry } },
      next: { ...text('The cursor of the next page; null on the last one.'), nullable: true },
    },
  };
}
