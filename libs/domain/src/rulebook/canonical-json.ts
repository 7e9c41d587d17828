/** Halves of surrogate pairs: they have no UTF-8 form. With the `u` flag whole pairs do not match. */
const loneSurrogate = /\p{Cs}/u;

/**
 * The one text of a JSON value that RFC 8785 allows: keys in order of their UTF-16 code units, no white space, numbers
 * and strings as ECMAScript spells them. Members that are undefined are left out. Throws on what JSON cannot say.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalText(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`not a JSON number: ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value as Readonly<Record<string, unknown>>);
  throw new Error(`not a JSON value: ${typeof value}`);
}

function canonicalObject(value: Readonly<Record<string, unknown>>): string {
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${canonicalText(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

function canonicalText(text: string): string {
  if (loneSurrogate.test(text)) throw new Error('not Unicode text: half of a surrogate pair');
  return JSON.stringify(text);
}
