import { rulebookSchemas } from '@meterbook/domain/rulebook/rulebook-schema';
import { faultCatalogue } from '@meterbook/messages/reading/fault';
import { publishedUsageSchema } from '@meterbook/messages/usage-event/published-usage-schema';
import { errorCatalogue } from '../problem/error-catalogue';

const AT = '#/components/schemas/';
/** Parts of a rulebook are called so, since a tier of a rulebook is not the tier of an account. */
const RULEBOOK_PART = 'Rulebook';

export const PROBLEM_REF = `${AT}Problem`;
/** Where the schema of a usage event stands in a document that refers to it. */
export const USAGE_EVENT_REF = `${AT}UsageEvent`;
/** Where the schema of a rulebook stands in a document that refers to it. */
export const RULEBOOK_REF = `${AT}Rulebook`;

const text = (description: string): object => ({ type: 'string', description });

const problemSchema = {
  type: 'object',
  description: 'An error, RFC 9457. `code` is stable; `detail` is for people.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: text('urn:meterbook:problem: and the code'),
    title: text('What the code means'),
    status: { type: 'integer', description: 'The HTTP status' },
    code: { type: 'string', enum: Object.keys(errorCatalogue) },
    detail: text('What happened this time'),
    errors: {
      type: 'array',
      description: 'Every fault of the request, where there are several to tell',
      items: {
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: {
          index: { type: 'integer', description: 'Which item of a batch, from 0' },
          line: { type: 'integer', description: 'Which line of a CSV, its header being 1' },
          pointer: text('JSON pointer into the body or the item'),
          code: { type: 'string', enum: Object.keys(faultCatalogue) },
          detail: text('What is wrong there'),
        },
      },
    },
  },
  examples: [
    {
      type: 'urn:meterbook:problem:unknown_account',
      title: errorCatalogue.unknown_account.title,
      status: errorCatalogue.unknown_account.status,
      code: 'unknown_account',
      detail: 'There is no account acct-43 on apibox.',
    },
  ],
};

/** Schemas that do not come from a class, by name; each is made of what the code itself reads by. */
function sharedSchemas(): Readonly<Record<string, object>> {
  const { rulebook, parts } = rulebookSchemas(`${AT}${RULEBOOK_PART}`);
  const named = Object.entries(parts).map(([name, shape]) => [`${RULEBOOK_PART}${name}`, shape] as const);
  return {
    Problem: problemSchema,
    UsageEvent: publishedUsageSchema(),
    Rulebook: { description: "A platform's commercial rules.", ...rulebook },
    ...Object.fromEntries(named),
  };
}

const refsIn = (value: unknown): readonly string[] =>
  [...JSON.stringify(value).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name);

/** Those of the shared schemas that a document refers to, and those that these refer to. */
export function referredSchemas(document: unknown): Readonly<Record<string, object>> {
  const all = sharedSchemas();
  const found: Record<string, object> = {};
  const pending = [...refsIn(document)];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const schema = Object.hasOwn(all, name) && !Object.hasOwn(found, name) ? all[name] : undefined;
    if (!schema) continue;
    found[name] = schema;
    pending.push(...refsIn(schema));
  }
  return found;
}
