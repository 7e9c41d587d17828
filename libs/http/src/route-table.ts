interface KnownRoute {
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

/** A method and a path with its parameters, such as `/v1/platforms/:platform/accounts`. */
export interface Route {
  readonly method: string;
  readonly pattern: string;
}

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((segment) => segment !== '');

const matches = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length && pattern.every((segment, at) => segment.startsWith(':') || segment === path[at]);

/** Every route there is, so that a wrong method can be told from a wrong path. */
export class RouteTable {
  private readonly known = new Map<string, KnownRoute>();

  add(pattern: string, methods: string | readonly string[]): void {
    const route = this.known.get(pattern) ?? { segments: segmentsOf(pattern), methods: new Set<string>() };
    for (const method of typeof methods === 'string' ? [methods] : methods) route.methods.add(method);
    this.known.set(pattern, route);
  }

  /** Each route, for tests of what has to hold for all of them. */
  list(): readonly Route[] {
    return [...this.known].flatMap(([pattern, { methods }]) => [...methods].map((method) => ({ method, pattern })));
  }

  /** The methods that the path of a URL takes, sorted; none for a path that leads nowhere. */
  methodsOf(url: string): readonly string[] {
    const path = segmentsOf(url.split(/[?#]/, 1)[0] ?? '');
    const methods = [...this.known.values()]
      .filter((route) => matches(route.segments, path))
      .flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }
}
