import { scratchFolder } from '../testing/scratch-folder';
import { told } from '../testing/told';

const rulebook = {
  platform: 'harbour',
  currency: 'USD',
  rounding: { scale: 3, mode: 'half-up' },
  tiers: [
    { id: 'default', rank: 1 },
    { id: 'vip', rank: 2, discount: '0.9' },
  ],
  groups: [{ id: 'default' }, { id: 'half', multiplier: '0.5' }],
  channels: [{ id: 'relay', discount: '0.6' }],
  models: [
    {
      id: 'gpt-x',
      group: 'default',
      price: {
        mode: 'token',
        per: 1000000,
        input: '2',
        output: '8',
        bands: [{ when: { service_tier: 'priority' }, input: '4' }],
        windows: [{ from: '00:00', to: '08:00', zone: 'UTC', multiplier: '0.5' }],
      },
    },
    { id: 'ocr', group: 'default', price: { mode: 'unit', unit: '0.01' } },
  ],
};

describe('quote', () => {
  const { file } = scratchFolder();
  const quote = (words: readonly string[], content: unknown = rulebook) =>
    told(['quote', ...words, '--rulebook', file('rulebook.json', content)]);
  const day = ['--at', '2026-11-27T12:00:00Z'];

  it('tells the amount, what it was before it was rounded, and the formula', async () => {
    const { code, out, err } = await quote(['gpt-x', 'inputTokens=1200', 'outputTokens=350', ...day]);
    expect([code, err]).toEqual([0, '']);
    // 1,200 × 2 + 350 × 8 = 5,200.
    expect(out).toBe(
      '0.005 USD\nbefore it was rounded: 0.0052\n(1200 [input] × 2 + 350 [output] × 8) / 1000000 = 0.0052 ≈ 0.005 USD\n',
    );
  });

  it.each([
    ['a row', ['gpt-x', 'inputTokens=1000000', '--field', 'service_tier=priority', ...day], '4'],
    ['a time of day', ['gpt-x', 'inputTokens=1000000', '--at', '2026-11-27T03:00:00Z'], '1'],
    ['a tier', ['gpt-x', 'inputTokens=1000000', '--tier', 'vip', ...day], '1.8'],
    ['a group', ['gpt-x', 'inputTokens=1000000', '--group', 'half', ...day], '1'],
    ['a channel', ['gpt-x', 'inputTokens=1000000', '--channel', 'relay', ...day], '1.2'],
    ['a decimal count', ['ocr', 'count=2.5'], '0.025'],
  ])('goes by %s', async (_what, words, amount) => {
    const { out } = await quote([...words, '--json']);
    expect(JSON.parse(out)).toMatchObject({ amount, currency: 'USD' });
  });

  it.each([
    [['nobody'], /^unknown_model: no model nobody\.\n/],
    [['gpt-x', 'faces=1'], /^unknown_unit: /],
    [['ocr'], /^missing_units: count is missing\.\n/],
    [['gpt-x', '--tier', 'svip'], /^unknown_tier: svip is no tier of /],
    [['gpt-x', '--group', 'svip'], /^unknown_group: /],
    [['gpt-x', '--channel', 'svip'], /^unknown_channel: /],
  ])('is refused as a service refuses it: %j', async (words, sentence) => {
    const { code, out, err } = await quote(words);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
  });

  it.each([
    [['gpt-x', 'inputTokens'], /is not of the form inputTokens=1000/],
    [['gpt-x', 'inputTokens=1.5'], /'inputTokens=1\.5': /],
    [['gpt-x', '1x=1'], /'1x=1': /],
    [['gpt-x', '--field', '=x'], /is not of the form service_tier=priority/],
    [['gpt-x', '--at', '2026-13-01T00:00:00Z'], /is no RFC 3339 instant/],
    [['gpt-x', '--account', 'a'], /--account goes with --url/],
    [['gpt-x', '--url', 'http://127.0.0.1:1'], /one of --rulebook and --url is needed/],
  ])('makes no sense: %j', async (words, sentence) => {
    const { code, out, err } = await quote(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(sentence);
  });

  it('asks for rules to go by', async () => {
    expect((await told(['quote', 'gpt-x'])).err).toMatch(/one of --rulebook and --url is needed/);
  });
});
