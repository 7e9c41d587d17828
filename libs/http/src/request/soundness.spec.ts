import { IsIn, IsInt, IsString, Max, validateSync } from 'class-validator';
import { soundnessOf } from './soundness';
import { IsAmount, IsText, MayBeAbsent, MayBeNull } from './value-decorators';

class PaidBody {
  @IsText(5, 'A name.')
  readonly name!: string;

  @IsAmount('positive', 'An amount.')
  readonly amount!: string;

  @MayBeAbsent()
  @IsInt()
  @Max(9)
  readonly count?: number;

  @MayBeNull()
  @IsIn(['a', 'b'])
  readonly kind?: string | null;
}

class LabelledBody extends PaidBody {
  @IsText(3, 'A label.')
  readonly label!: string;
}

class ListBody {
  @IsString({ each: true })
  readonly names!: string[];
}

const bodyOf = <T extends object>(dto: new () => T, members: object): T =>
  Object.assign(Object.create(dto.prototype as object) as T, members);

describe('the rules of a class, read once', () => {
  const members: readonly object[] = [
    { name: 'x', amount: '1' },
    { name: 'x', amount: '1', count: 3, kind: 'a' },
    { name: 'x', amount: '1', count: undefined, kind: null },
    { name: 'x', amount: '1', label: 'abc' },
    {},
    { name: 'x' },
    { name: 'toolong', amount: '1' },
    { name: 7, amount: '1' },
    { name: 'x', amount: '0' },
    { name: 'x', amount: 1 },
    { name: 'x', amount: '1', count: null },
    { name: 'x', amount: '1', count: 10 },
    { name: 'x', amount: '1', count: 1.5 },
    { name: 'x', amount: '1', kind: 'c' },
    { name: 'x', amount: '1', label: 'abcd' },
  ];

  it.each([PaidBody, LabelledBody])('call sound what has no fault, and nothing else: %p', (dto) => {
    const isSound = soundnessOf(dto);
    for (const given of members) {
      const body = bodyOf<object>(dto, given);
      expect([given, isSound(body)]).toEqual([given, validateSync(body).length === 0]);
    }
  });

  it('say nothing where a rule is of another kind', () => {
    expect(soundnessOf(ListBody)(bodyOf(ListBody, { names: ['x'] }))).toBeUndefined();
  });
});
