import { ACCOUNT_PATTERN, PLATFORM_PATTERN } from '@meterbook/messages/reading/value-check';

interface Words {
  readonly description: string;
  readonly example: string;
  readonly pattern: RegExp;
}

/** What the parameters of a path are that many routes have. */
const pathWords: Readonly<Record<string, Words>> = {
  platform: { description: 'The platform.', example: 'apibox', pattern: PLATFORM_PATTERN },
  account: { description: 'The account, unique on its platform.', example: 'acct-42', pattern: ACCOUNT_PATTERN },
};

interface Parameter {
  readonly name: string;
  readonly in: string;
  schema?: { readonly examples?: readonly unknown[] };
  example?: unknown;
}

/** Says of each parameter of a path what it is, whatever its controller says, and shows one. */
export function describeParameters(parameters: Parameter[]): void {
  for (const parameter of parameters.filter((each) => each.in === 'path')) {
    const words = pathWords[parameter.name];
    if (words) {
      const { description, example, pattern } = words;
      Object.assign(parameter, {
        description,
        schema: { type: 'string', pattern: pattern.source, examples: [example] },
      });
    }
    const [example] = parameter.schema?.examples ?? [];
    if (example !== undefined) parameter.example = example;
  }
}
