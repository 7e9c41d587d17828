/** A body as it arrived, where reading it is too much for the thread that answers: what `@AcceptsYaml()` routes are given. */
export class RawBody {
  constructor(
    readonly bytes: Uint8Array,
    readonly isYaml: boolean,
  ) {}
}
