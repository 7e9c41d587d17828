import { Option } from 'commander';
import { examples, type AddCommand } from '../../command';
import type { ImportOptions } from './import-options';

const choice = (flags: string, description: string, choices: readonly string[], value: string) =>
  new Option(flags, description).choices([...choices]).default(value);

/** How fields of usage are called where prices depend on them. */
const fieldOptions = [
  ['--tier-field <name>', 'the field of the service tier', 'service_tier'],
  ['--region-field <name>', 'the field of the region of inference', 'inference_geo'],
  ['--endpoint-field <name>', 'the field that is `regional` for a regional endpoint', 'endpoint'],
  ['--residency-field <name>', 'the field of where data stays', 'residency'],
  ['--speed-field <name>', 'the field of the speed', 'speed'],
  ['--resolution-field <name>', 'the field of the resolution', 'resolution'],
  ['--quality-field <name>', 'the field of the quality', 'quality'],
] as const;

export const addImport: AddCommand = (rulebook, runs) => {
  const command = rulebook
    .command('import')
    .summary('make a rulebook of a public price list')
    .description(
      "Reads LiteLLM's model_prices_and_context_window.json, new-api's settings (GET /api/option, /api/ratio_config or /api/pricing) or " +
        "models.dev's api.json, and writes a rulebook as YAML that can be read and edited. A report says what was taken, what was taken with " +
        'a change, and what was left out and why. docs/price-lists.md explains every choice.',
    )
    .argument('<file>', 'the price list, JSON')
    .addOption(
      new Option('--from <format>', 'the form of the list')
        .choices(['litellm', 'new-api', 'models.dev'])
        .makeOptionMandatory(),
    )
    .option(
      '-o, --output <file>',
      'where to write the YAML; standard output where it is left out, and the report is told beside it',
    )
    .option('--force', 'write over the file that is there')
    .option('--report <file>', 'write the whole report as JSON')
    .option('--json', 'print the whole report as JSON; needs --output')
    .option('--platform <name>', 'whose rules these are; the name of the form where it is left out')
    .option('--around <rulebook>', 'take everything but the models from this rulebook')
    .option('--currency <code>', 'what prices are written in: USD; for new-api CNY, in which all its ratios are exact')
    .option('--rate <number>', 'units of the currency for one USD; 7.3 for CNY')
    .option('--scale <digits>', 'decimal places of a charge', '9')
    .addOption(
      choice('--rounding <mode>', 'how a charge is rounded', ['half-up', 'half-even', 'up', 'down'], 'half-up'),
    )
    .option('--group <id>', 'the group of all models', 'default')
    .option('--tier <id>', 'the first tier', 'default')
    .option('--only <patterns...>', 'only models with these names; * stands for anything')
    .option('--provider <names...>', 'only models of these providers')
    .addOption(
      choice(
        '--ids <form>',
        'models.dev: names with the provider, without, or without where there is one only',
        ['auto', 'bare', 'provider'],
        'auto',
      ),
    )
    .addOption(
      choice(
        '--thresholds <kind>',
        'whether a length of the prompt has to be exceeded or reached; auto: reached for xAI',
        ['auto', 'over', 'at-least'],
        'auto',
      ),
    )
    .addOption(
      choice(
        '--tier-gaps <how>',
        'a price that a service tier does not tell: keep the standard one, or scale it',
        ['keep', 'scale'],
        'keep',
      ),
    )
    .addOption(
      choice(
        '--counts <kind>',
        'whether input counts contain cached tokens; provider: not for Anthropic and Bedrock',
        ['inclusive', 'exclusive', 'provider'],
        'inclusive',
      ),
    )
    .addOption(
      choice(
        '--zero <how>',
        'models that cost nothing: mark them free, keep them, or skip them',
        ['free', 'keep', 'skip'],
        'free',
      ),
    )
    .addOption(
      choice('--patterns <how>', 'names with a *: keep them behind all others, or skip them', ['keep', 'skip'], 'keep'),
    )
    .addOption(
      choice('--aliases <how>', 'other names of a model: resolve or skip them', ['resolve', 'skip'], 'resolve'),
    )
    .addOption(
      choice(
        '--search <how>',
        'searches: one extra, three by the size of the context, or three where the sizes differ',
        ['auto', 'one', 'three'],
        'auto',
      ),
    );
  for (const [flags, description, name] of fieldOptions) command.option(flags, description, name);
  command
    .addHelpText(
      'after',
      examples(
        [
          'meterbook rulebook import --from litellm model_prices_and_context_window.json -o rulebook.yaml',
          'everything that is priced there',
        ],
        [
          'meterbook rulebook import --from models.dev api.json --provider openai -o rulebook.yaml',
          'the models of one provider',
        ],
        [
          'meterbook rulebook import --from new-api ratio_config.json --around rulebook.yaml -o next.yaml',
          'new models, all else as it was',
        ],
      ),
    )
    .action(
      runs(async (surroundings, file: string, options: ImportOptions) => {
        const { importPriceList } = await import('./import-price-list');
        return importPriceList(file, options, surroundings);
      }),
    );
};
