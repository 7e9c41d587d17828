import { Misused, type Surroundings } from '../command';
import { exitCodes, type ExitCode } from '../exit-code';
import type { AskedRequest, Quoted, QuoteOptions } from './asked-request';
import { quotedByFile } from './quoted-by-file';
import { quotedByService } from './quoted-by-service';
import { fieldsOf, instantOf, unitsOf } from './request-words';

/** Rates one request by a file or by a service. */
export async function quoteRequest(
  model: string,
  units: readonly string[],
  options: QuoteOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { rulebook, url, field = [], tier = null, group = null, channel = null, at, json } = options;
  const asked: AskedRequest = {
    model,
    units: unitsOf(units),
    fields: fieldsOf(field),
    tier,
    group,
    channel,
    at: at === undefined ? null : instantOf(at),
  };
  if ((rulebook === undefined) === (url === undefined))
    throw new Misused('one of --rulebook and --url is needed: by which rules');
  const quoted =
    rulebook === undefined
      ? await quotedByService(asked, options, surroundings)
      : quotedByFile(asked, rulebook, options, surroundings);
  if (json) surroundings.terminal.json(quoted);
  else for (const line of linesOf(quoted)) surroundings.terminal.line(line);
  return exitCodes.well;
}

function* linesOf({ amount, unrounded, currency, explain }: Quoted): Iterable<string> {
  yield `${amount} ${currency}`;
  if (unrounded !== amount) yield `before it was rounded: ${unrounded}`;
  yield explain;
}
