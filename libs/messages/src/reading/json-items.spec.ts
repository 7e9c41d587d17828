import fc from 'fast-check';
import { itemTexts } from './json-items';

/** What the items come to; undefined where the text is no list or no JSON. */
function read(text: string): unknown[] | undefined {
  try {
    const items = itemTexts(text);
    return items && [...items].map((item): unknown => JSON.parse(item));
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

describe('the items of a JSON list', () => {
  it.each([
    '[]',
    ' [ ] ',
    '[1]',
    '[ 1 , [2,{"a":[3]}] , "],\\"[" , {} ]\n',
    '[1,]',
    '[,1]',
    '[,]',
    '[1',
    '[1]]',
    '[1}',
    '[{]}',
    '["a]',
    '["a\\\\","b"]',
    '["a\\"]',
    '[1] 2',
    '[1 2]',
    '[\u00a01]',
    '[]\u00a0',
    '{"a":1}',
    '"[1]"',
    '',
  ])('are those of the list, and none where there is no list: %s', (text) => {
    expect(read(text)).toEqual(parsed(text));
  });

  it('are the same however the text is spoilt', () => {
    const texts = fc
      .array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 6 })
      .map((value) => JSON.stringify(value, null, 1));
    const spoilt = fc.tuple(texts, fc.nat(), fc.constantFrom('', '"', ',', '[', ']', '{', '}', '\\', ' ', '1'));
    fc.assert(
      fc.property(spoilt, ([text, place, piece]) => {
        const at = place % (text.length + 1);
        for (const changed of [
          text,
          text.slice(0, at) + piece + text.slice(at),
          text.slice(0, at) + text.slice(at + 1),
        ])
          expect(read(changed)).toEqual(parsed(changed));
      }),
      { numRuns: 2000 },
    );
  });
});
