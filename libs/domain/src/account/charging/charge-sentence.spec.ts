import type { Charge } from './events';
import { chargeSentence } from './charge-sentence';

const charge: Charge = {
  source: 'gateway',
  id: 'u1',
  occurredAt: '2026-11-20T10:00:00.000Z',
  model: 'chat',
  tier: 'default',
  group: 'default',
  rulebook: 1,
  units: { inputTokens: 1200, cacheWrite5mTokens: 7, seconds: '1.5' },
  price: { mode: 'request', unit: '1' },
  factors: [],
  amount: '3',
  digest: 'd',
};

describe('the sentence of a charge', () => {
  it('says what was used and what it cost', () => {
    expect(chargeSentence({ ...charge, units: {}, amount: '0' }, 'USD')).toBe('chat cost 0 USD.');
    expect(chargeSentence({ ...charge, lots: [[0, '3']] }, 'USD')).toBe(
      'chat (1200 input tokens, 7 cache write 5m tokens, 1.5 seconds) cost 3 USD, 3 USD paid from the wallet.',
    );
  });

  it('says units in words, with numbers and short names of their own', () => {
    const units = { storedGB: 1, cacheWrite12hTokens: 2, tokens128: 3, tokens128K: 4 };
    expect(chargeSentence({ ...charge, units }, 'USD')).toBe(
      'chat (1 stored gb, 2 cache write 12h tokens, 3 tokens 128, 4 tokens 128 k) cost 3 USD.',
    );
  });

  it('says what each source paid, and what nobody had paid then', () => {
    const paid: Charge = { ...charge, units: { requests: 1 }, credits: [0, '50', '20'], lots: [[0, '2']], owed: '0.3' };
    expect(chargeSentence(paid, 'USD')).toBe(
      'chat (1 requests) cost 3 USD, 50 credits paid from the main pool, 20 credits paid from the backup pool, 2 USD paid from the wallet, 0.3 USD of it still owed then.',
    );
  });
});
