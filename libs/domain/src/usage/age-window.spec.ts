import { AgeWindow } from './age-window';

const acceptedAt = Date.parse('2026-11-21T10:00:00Z');
const dayMs = 86_400_000;

describe('the age window', () => {
  const window = new AgeWindow(35);

  it('takes what lies in it, its ends included', () => {
    for (const occurredAt of [acceptedAt - 35 * dayMs, acceptedAt, acceptedAt + 300_000]) {
      expect(window.refusal(occurredAt, acceptedAt)).toBeUndefined();
    }
  });

  it('refuses what lies before it and after it', () => {
    expect(window.refusal(acceptedAt - 35 * dayMs - 1, acceptedAt)).toBe('usage_too_old');
    expect(window.refusal(acceptedAt + 300_001, acceptedAt)).toBe('usage_in_future');
  });
});
