/** Finding in a file's text: what is wrong and on which line. */
export interface Finding {
  readonly rule: string;
  readonly line: number;
}

interface TextRule {
  readonly rule: string;
  readonly files: RegExp;
  readonly exceptIn?: RegExp;
  readonly pattern: RegExp;
}

/** Longest source file, in lines; specs may be longer. */
const longestSource = 400;
const typescript = /\.ts$/;
const specs = /\.spec\.ts$/;
const anyFile = /./;

/** The lint checks tests and floats by syntax; these are the same rules for a reader without it, by text. */
const textRules: readonly TextRule[] = [
  {
    rule: 'names a folder of one machine',
    files: anyFile,
    pattern: /(?<![\w.$}~:])\/(?:work|root|home|Users|tmp|mnt)\/[\w.-]/,
  },
  {
    rule: 'skips or focuses a test',
    files: specs,
    pattern: /\b(?:it|test|describe)\.(?:skip|only|todo|failing)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/,
  },
  {
    rule: 'makes a float of money',
    files: /^libs\/domain\/src\/.*\.ts$/,
    exceptIn: specs,
    pattern: /parseFloat|Number\([\w.]*(?:amount|price|credit|cost|balance|wallet|receivable)/i,
  },
  {
    // `nest build` rewrites the aliases of import and export declarations only.
    rule: 'loads an alias at run time',
    files: /^(?:apps|libs|test\/(?:bench|faults))\/.*\.ts$/,
    exceptIn: specs,
    pattern: /\b(?:import|require|require\.resolve)\(\s*['"`]@meterbook\//,
  },
  { rule: 'leaves something for later', files: /\.(?:ts|mjs|cjs|js)$/, pattern: /\b(?:TODO|FIXME|XXX)\b/ },
];

/** Everything that must not stand in a file of the repository, by its path from the root and its text. */
export function findingsIn(path: string, text: string): Finding[] {
  const lines = text.split('\n');
  const rules = textRules.filter(({ files, exceptIn }) => files.test(path) && exceptIn?.test(path) !== true);
  const findings = rules.flatMap(({ rule, pattern }) =>
    lines.flatMap((line, index) => (pattern.test(line) ? [{ rule, line: index + 1 }] : [])),
  );
  const length = lines.length - (lines.at(-1) === '' ? 1 : 0);
  if (typescript.test(path) && !specs.test(path) && length > longestSource) {
    findings.push({ rule: 'is longer than 400 lines', line: longestSource + 1 });
  }
  return findings;
}
