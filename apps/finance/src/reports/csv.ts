const needsQuotes = /[",\r\n]/;
/** What a spreadsheet would run as a formula. A canonical amount may start with a minus sign and is not. */
const formula = /^[=+@\t\r]|^-(?!\d)/;

/** One line of CSV (RFC 4180), with its line break. Null is empty. */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map((value) => csvValue(value === null ? '' : String(value))).join(',')}\r\n`;
}

function csvValue(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
