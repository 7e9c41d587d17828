import { LedgerApp } from '../testing/ledger-app';

/** As many as a public list has, some with ten rows: more than one event may hold. */
const MODELS = 3000;

const modelOf = (number: number) => ({
  id: `maker/model-${number}`,
  group: 'default',
  price: {
    mode: 'token',
    per: 1_000_000,
    input: '1.25',
    output: '10',
    inputPrices: { cacheRead: '0.125', cacheWrite5m: '1.5625', inputAudio: '3' },
    outputPrices: { reasoning: '12' },
    bands: Array.from({ length: number % 10 === 0 ? 10 : number % 3 }, (_, row) => ({
      when: { service_tier: ['priority', 'flex', 'batch', 'scale', 'burst'][row % 5] },
      ...(row >= 5 ? { promptTokensOver: 200_000 } : {}),
      input: `${row + 2}`,
      inputPrices: { cacheRead: '0.25' },
    })),
    extras: { webSearchCalls: '0.01' },
  },
});

const list = {
  platform: 'everything',
  currency: 'USD',
  rounding: { scale: 9, mode: 'half-up' },
  tiers: [{ id: 'default', rank: 1 }],
  groups: [{ id: 'default' }],
  models: Array.from({ length: MODELS }, (_, number) => modelOf(number)),
};

describe('a whole public price list', () => {
  let ledger: LedgerApp;

  beforeAll(async () => {
    ledger = await LedgerApp.start();
  });
  afterAll(() => ledger.close());

  const amount = async (model: string, fields: object, process: number) => {
    const units = { inputTokens: 300_000, outputTokens: 10, cacheReadTokens: 100_000, webSearchCalls: 1 };
    const quoted = await ledger.send('POST', '/v1/platforms/everything/quotes', { model, units, fields }, { process });
    return quoted.body['amount'];
  };

  it('is published in parts, and rated by whoever reads them back', async () => {
    const published = await ledger.send('PUT', '/v1/platforms/everything/rulebook', list);
    expect(published).toMatchObject({ status: 201, body: { version: 1 } });
    const types = (await ledger.stored('rulebook-everything')).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['RulebookPart', 'RulebookPart']);
    expect(types.at(-1)).toBe('RulebookPublishedInParts');

    // 200,000 × 1.25 + 100,000 × 0.125 + 10 × 10 = 262,600, and the row of long prompts: 200,000 × 7 + 100,000 × 0.25 + 100.
    const other = await ledger.startProcess();
    expect(other).toBeDefined();
    for (const process of [0, ledger.processCount - 1]) {
      expect(await amount('maker/model-2990', {}, process)).toBe('0.2726');
      expect(await amount('maker/model-2990', { service_tier: 'priority' }, process)).toBe('1.4351');
    }
    const again = await ledger.send('PUT', '/v1/platforms/everything/rulebook', list);
    expect(again).toMatchObject({ status: 200, body: published.body });
  });
});
