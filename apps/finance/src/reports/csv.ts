const needsQuotes = /[",\r\n]/;
/** What a spreadsheet would run as a formula. An amount may start with a minus sign and is none, as long as nothing else follows it. */
const formula = /^[=+@\t\r]|^-(?!\d+(?:\.\d+)?$)/;

/** What a spreadsheet may run, whatever follows; an amount begins with a minus sign, a text does not. */
const runnable = /^[=+\-@\t\r]/;

/** A text that is no amount, with a `'` before it where a spreadsheet would run it. */
export function csvText(text: string | null): string | null {
  return text !== null && runnable.test(text) ? `'${text}` : text;
}

/** One line of CSV (RFC 4180), with its line break. Null is empty. */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map((value) => csvValue(value === null ? '' : String(value))).join(',')}\r\n`;
}

function csvValue(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
