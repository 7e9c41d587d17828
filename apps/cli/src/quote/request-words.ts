import { instantMs } from '@meterbook/domain/time/instant';
import type { Units } from '@meterbook/domain/usage/usage';
import { unitCheckOf, usageChecks } from '@meterbook/messages/usage-event/usage-checks';
import { Misused } from '../command';

/** Units of a request from words such as `inputTokens=1000`. Throws `Misused`. */
export function unitsOf(words: readonly string[]): Units {
  return Object.fromEntries(
    words.map((word) => {
      const [name, text] = pairOf(word, 'inputTokens=1000');
      // What may be a decimal stays the text that it is.
      const value = /^(0|[1-9][0-9]*)$/.test(text) ? Number(text) : text;
      const fault = usageChecks.unitName(name) ?? unitCheckOf(name)(value);
      if (fault) throw new Misused(`'${word}': ${fault.detail}`);
      return [name, value] as const;
    }),
  );
}

/** Fields of a request from words such as `service_tier=priority`. Throws `Misused`. */
export function fieldsOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [name, value] = pairOf(word, 'service_tier=priority');
      const fault = usageChecks.fieldName(name) ?? usageChecks.fieldValue(value);
      if (fault) throw new Misused(`'${word}': ${fault.detail}`);
      return [name, value] as const;
    }),
  );
}

/** Milliseconds since 1970 of an instant such as `2026-11-01T00:00:00Z`. Throws `Misused`. */
export function instantOf(text: string): number {
  const at = instantMs(text);
  if (Number.isNaN(at)) throw new Misused(`'${text}' is no RFC 3339 instant with a zone, such as 2026-11-01T00:00:00Z`);
  return at;
}

function pairOf(word: string, example: string): readonly [name: string, value: string] {
  const at = word.indexOf('=');
  if (at < 1) throw new Misused(`'${word}' is not of the form ${example}`);
  return [word.slice(0, at), word.slice(at + 1)];
}
