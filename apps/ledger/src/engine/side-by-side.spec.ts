import { sideBySide } from './side-by-side';

describe('work side by side', () => {
  it('begins in order and no more at a time than it may, and what is done at once waits for nobody', async () => {
    const begun: string[] = [];
    const waiting = new Map<string, () => void>();
    const done = sideBySide(['now', 'slow', 'now too', 'slower', 'last'], 2, (name, index) => {
      begun.push(`${index} ${name}`);
      if (!name.startsWith('slow')) return undefined;
      return new Promise<void>((resolve) => void waiting.set(name, resolve));
    });
    expect(begun).toEqual(['0 now', '1 slow', '2 now too', '3 slower']);
    waiting.get('slower')?.();
    await new Promise(setImmediate);
    expect(begun).toContain('4 last');
    waiting.get('slow')?.();
    await done;
  });

  it('rejects with the first failure, whether it comes at once or later', async () => {
    const failing = async (): Promise<void> => Promise.reject(new Error('later'));
    await expect(sideBySide([1], 1, failing)).rejects.toThrow('later');
    await expect(
      sideBySide([1], 1, () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
  });
});
