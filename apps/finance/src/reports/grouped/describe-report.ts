import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiQuery } from '@nestjs/swagger';
import { DEFAULT_PAGE_ITEMS, MAX_PAGE_ITEMS } from '@meterbook/http/request/page-limit';
import { dimensionTexts, type Measure, type ReportDeclaration } from './declaration';

interface Schema {
  readonly type: string;
  readonly description?: string;
  readonly [keyword: string]: unknown;
}

/** Describes a report by groups in the document of the interface, by its declaration. */
export function DescribedBy(declaration: ReportDeclaration): MethodDecorator {
  const { operationId, summary, hasLabels, dimensions } = declaration;
  const labels = hasLabels
    ? ' Labels that a rulebook of the platform names are dimensions too, `label:team` for one, in `groupBy` and as a filter.'
    : '';
  return applyDecorators(
    ApiOperation({
      operationId,
      summary,
      description: `A filter bears the name of a dimension; repeated it takes any of its values, and empty what has none.${labels}`,
    }),
    ...axes,
    ...instantsOf(declaration),
    ...dimensions.map((name) =>
      ApiQuery({
        name,
        required: false,
        isArray: true,
        type: String,
        description: `${dimensionTexts[name] ?? name}: only what has one of these.`,
      }),
    ),
    ApiQuery({
      name: 'groupBy',
      required: false,
      type: String,
      description: `Dimensions, with commas or repeated: ${dimensions.join(', ')}${hasLabels ? ', label:{key}' : ''}.`,
    }),
    ApiQuery({
      name: 'limit',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE_ITEMS, default: DEFAULT_PAGE_ITEMS },
      description: 'Most items of the page. A CSV has all of them.',
    }),
    ApiQuery({ name: 'cursor', required: false, type: String, description: 'The `next` of the page before.' }),
    ApiProduces('application/json', 'text/csv'),
    ApiOkResponse({
      description: 'The items in the order of their groups. As CSV all of them, a line each.',
      schema: answerSchema(declaration),
    }),
  );
}

/** The parameters that say along which time, and in which zone. */
export const axes: readonly MethodDecorator[] = [
  ApiQuery({
    name: 'basis',
    required: false,
    enum: ['booked', 'occurred'],
    description:
      'Which time says what is in it: a report by `booked` about the past never changes. `booked` when absent.',
  }),
  ApiQuery({
    name: 'zone',
    required: false,
    type: String,
    description: 'The IANA name of the zone that cuts days and months. UTC when absent.',
  }),
];

/** The parameters that say which instants a report is about. */
export function instantsOf({ kind }: ReportDeclaration): readonly MethodDecorator[] {
  const instant = (name: string, description: string): MethodDecorator =>
    ApiQuery({ name, required: false, schema: { type: 'string', format: 'date-time' }, description });
  const quarter = 'On a quarter of an hour.';
  if (kind === 'balances')
    return [
      instant(
        'asOf',
        'Everything up to this instant, on a quarter of an hour by `occurred`; all there is when absent.',
      ),
    ];
  return [
    instant('from', `What lies at this instant or later; from the beginning when absent. ${quarter}`),
    instant('to', `What lies before this instant; all there is when absent, derived as of now. ${quarter}`),
  ];
}

const text = (description: string): Schema => ({ type: 'string', description });
const instantOrNull = (description: string): Schema => ({
  type: 'string',
  format: 'date-time',
  nullable: true,
  description,
});

function answerSchema(declaration: ReportDeclaration): object {
  const measures = measureSchemas(declaration.measures);
  const groups = Object.fromEntries(
    declaration.dimensions.map((name) => [name, { ...text(`${dimensionTexts[name] ?? name}.`), nullable: true }]),
  );
  const named = {
    ...axisSchemas(declaration),
    groupBy: { type: 'array', items: { type: 'string' }, description: 'The dimensions of an item.' },
    ...(declaration.hasLabels && {
      cappedLabels: {
        type: 'array',
        items: { type: 'string' },
        description: 'Labels of which some values were too many to tell apart and are counted as `(other)`.',
      },
    }),
    items: { type: 'array', items: { type: 'object', properties: { ...groups, ...measures } } },
    totals: { type: 'object', properties: measures, description: 'Over all pages.' },
    next: { ...text('The cursor of the next page; null on the last one.'), nullable: true },
  };
  return { type: 'object', required: Object.keys(named), properties: named };
}

/** The schemas of what an answer says of the axes, and of the filters that were asked for. */
export function axisSchemas({ kind }: ReportDeclaration): Record<string, unknown> {
  const instants =
    kind === 'movements'
      ? { from: instantOrNull('As asked for.'), to: instantOrNull('As asked for.') }
      : { asOf: { type: 'string', format: 'date-time', description: 'As of when; now where nothing was asked for.' } };
  return {
    basis: { type: 'string', enum: ['booked', 'occurred'] },
    zone: text('The zone that cuts days and months.'),
    ...instants,
    completeTo: instantOrNull('What was booked before it is in.'),
    final: { type: 'boolean', description: 'Booked and complete: the same question will never have another answer.' },
    currency: { ...text('Of the wallet; null where no rulebook says it.'), nullable: true },
    filters: {
      type: 'object',
      additionalProperties: { type: 'array', items: { type: 'string' } },
      description: 'As asked for.',
    },
  };
}

/** The schemas of measures by name, those of one dotted name within each other. */
export function measureSchemas(measures: readonly Measure[]): Record<string, unknown> {
  const schemas: Record<string, { type: string; properties?: Record<string, unknown> }> = {};
  for (const { name, kind, description } of measures) {
    const words = `${description}.`;
    const schema =
      kind === 'count'
        ? { type: 'integer', description: words }
        : kind === 'amount'
          ? text(words)
          : { type: 'object', additionalProperties: { type: 'string' }, description: words };
    const [outer = name, inner] = name.split('.');
    if (inner === undefined) schemas[outer] = schema;
    else {
      const within = (schemas[outer] ??= { type: 'object', properties: {} });
      within.properties = { ...within.properties, [inner]: schema };
    }
  }
  return schemas;
}
