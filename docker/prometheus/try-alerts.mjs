// Writes a test for promtool of every alert, on recorded metrics and as disturbances.yml says, and prints where it is.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const here = dirname(fileURLToPath(import.meta.url));
/** Steps before, during and after a disturbance. */
const usualSteps = [20, 60, 60];
const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

const labelsIn = (text = '') => Object.fromEntries([...text.matchAll(label)].map(([, name, value]) => [name, value]));

/** The series of a file of metrics, as Prometheus has them: with the job and the instance. */
function recorded(file) {
  const job = basename(file, '.prom');
  const place = { job, instance: `${job}:3000` };
  const lines = readFileSync(join(here, 'recorded', file), 'utf8').split('\n');
  const series = lines.flatMap((line) => {
    const [, name, labels, value] = sample.exec(line) ?? [];
    return name === undefined ? [] : [{ name, labels: { ...place, ...labelsIn(labels) }, value }];
  });
  return [{ name: 'up', labels: place, value: '1' }, ...series];
}

/** What no rule asks for is left out: it would only take time. */
const rules = readFileSync(join(here, 'rules.yml'), 'utf8');
const isAsked = ({ name }) => rules.includes(name);

const files = readdirSync(join(here, 'recorded'));
const deployments = {
  services: files
    .filter((file) => file !== 'standalone.prom')
    .flatMap(recorded)
    .filter(isAsked),
  standalone: recorded('standalone.prom').filter(isAsked),
};

function matching(all, selector) {
  const [, name, labels] = /^(\w+)(?:\{(.*)\})?$/.exec(selector) ?? [];
  const wanted = Object.entries(labelsIn(labels));
  const found = all.filter((one) => one.name === name && wanted.every(([key, value]) => one.labels[key] === value));
  if (found.length === 0) throw new Error(`${selector} was not recorded`);
  return found;
}

const text = ({ name, labels }) =>
  `${name}{${Object.entries(labels)
    .map(([key, value]) => `${key}="${value}"`)
    .join(', ')}}`;
/** promtool takes `2x3` for a 2 and three more, `_x3` for three gaps, and does not repeat what is not a number. */
function constant(value, steps) {
  if (value === '_') return `_x${steps}`;
  return Number.isFinite(Number(value)) ? `${value}x${steps - 1}` : Array(steps).fill('NaN').join(' ');
}

/** The values of a disturbed series: as recorded, as disturbed, as recorded. */
function valuesOf(value, { gauge, rising, counting, gone }, [before, during, after]) {
  const parts = [constant(value, before)];
  if (gone) parts.push(constant('_', during), constant(value, after));
  else if (gauge !== undefined) parts.push(constant(gauge, during), constant(value, after));
  else if (rising)
    parts.push(`${rising[0]}${rising[1] < 0 ? '' : '+'}${rising[1]}x${during - 1}`, constant(value, after));
  else if (counting) {
    const end = Number(value) + counting * during;
    parts.push(`${Number(value) + counting}+${counting}x${during - 1}`, constant(end, after));
  } else throw new Error('a disturbance that changes nothing');
  return parts.join(' ');
}

function testOf(deployment, { alert, step = '30s', steps = usualSteps, both = [], ...of }, always) {
  const all = deployments[deployment];
  const [before, during, after] = steps;
  const values = new Map(all.map((one) => [text(one), constant(one.value, before + during + after)]));
  for (const { series, value } of always)
    for (const one of matching(all, series)) {
      one.value = String(value);
      values.set(text(one), constant(value, before + during + after));
    }
  for (const { series, as, ...disturbed } of [...both, ...(of[deployment] ?? [])])
    for (const one of matching(all, series)) {
      const { __name__: name = one.name, ...labels } = as ?? {};
      const other = as ? { name, labels: { ...one.labels, ...labels }, value: '0' } : one;
      values.set(text(other), valuesOf(other.value, disturbed, steps));
    }
  const [, count, unit] = /^(\d+)(\w)$/.exec(step) ?? [];
  const at = (passed) => `${passed * Number(count)}${unit}`;
  const firing = (passed, fires) => ({
    expr: `count(ALERTS{alertname="${alert}", alertstate="firing"}) > bool 0 or vector(0)`,
    eval_time: at(passed),
    exp_samples: [{ labels: '{}', value: fires ? 1 : 0 }],
  });
  return {
    name: `${alert} of ${deployment}`,
    interval: step,
    input_series: [...values].map(([series, given]) => ({ series, values: given })),
    promql_expr_test: [
      firing(before - 1, false),
      firing(before + during - 1, true),
      firing(before + during + after - 1, false),
    ],
  };
}

const { alerts, always } = parse(readFileSync(join(here, 'disturbances.yml'), 'utf8'));
const tests = alerts.flatMap((alert) =>
  Object.keys(deployments)
    .filter((deployment) => alert.both || alert[deployment])
    .map((deployment) => testOf(deployment, alert, always)),
);
const path = join(mkdtempSync(join(tmpdir(), 'meterbook-alerts-')), 'alerts.test.yml');
// JSON is YAML.
writeFileSync(path, JSON.stringify({ rule_files: [join(here, 'rules.yml')], evaluation_interval: '30s', tests }));
console.log(path);
