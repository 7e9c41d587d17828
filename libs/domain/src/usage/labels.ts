/** Whose cost a usage is, by keys that its platform chooses, such as `team`. They are kept with the charge and never priced. */
export type Labels = Readonly<Record<string, string>>;

/** Labels of one usage, and default labels of one API key, at the most (SPEC §13). */
export const MAX_LABELS = 10;
export const LABEL_KEY = /^[a-z][a-z0-9_]{0,31}$/;
/** Longest value, bytes of UTF-8. */
export const MAX_LABEL_VALUE_BYTES = 64;
/** What stands in reports for the values of a label beyond their number: nobody's own label is called so. */
export const OTHER_LABELS = '(other)';

/** The labels of a charge: those of the usage, and the key's where the usage has none of that name; undefined without any. */
export function labelsOf(ofKey: Labels | null | undefined, ofUsage: Labels | undefined): Labels | undefined {
  if (ofKey === null || ofKey === undefined) return hasAny(ofUsage) ? ofUsage : undefined;
  return { ...ofKey, ...ofUsage };
}

/** Whether two sets of labels say the same; null says nothing, as one without members. */
export function sameLabels(one: Labels | null, other: Labels | null): boolean {
  const [a, b] = [one ?? {}, other ?? {}];
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** The labels, or null where there are none. */
export function labelsOrNull(labels: Labels | null): Labels | null {
  return hasAny(labels) ? labels : null;
}

function hasAny(labels: Labels | null | undefined): labels is Labels {
  if (labels === null || labels === undefined) return false;
  for (const key in labels) if (Object.hasOwn(labels, key)) return true;
  return false;
}
