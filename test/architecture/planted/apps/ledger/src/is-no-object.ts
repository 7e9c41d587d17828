// prettier-ignore
export class Names { // caught
  static readonly first = 'first';
}
