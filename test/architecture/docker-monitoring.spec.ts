import 'reflect-metadata';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { HealthController } from '@meterbook/http/health/health.controller';
import { Metrics } from '@meterbook/http/metrics/metrics';
import type { Log } from '@meterbook/runtime/log';
import { loopGauge } from '@meterbook/host/loops/hosted-loops';
import { backlogUnit, loopTable, type LoopDeclaration } from '@meterbook/host/loops/loop-table';
import { ManualClock } from '@meterbook/runtime/testing/manual-clock';
import { USAGE_PATH } from '@meterbook/usage-ingest/accept-usage/usage.controller';
import { askedBy } from './docker-promql';
import { metricsIn } from './docker-metrics';
import { section, tableRows } from './markdown';
import { root } from './planted-tree';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Sources of what is scraped: no specs, nothing that only tests use, and no commands, which end before anybody could. */
function sources(): string[] {
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !/(?:\/(?:testing|demo)|^cli)\//.test(name),
      )
      .map((name) => read(`${folder}/${name}`)),
  );
}

const code = metricsIn(sources());
const gaugeOf = (loop: LoopDeclaration, folder: string | null): string =>
  loopGauge(loop.name, backlogUnit(loop, folder)).name;
const loopMetrics = loopTable.flatMap((loop) => [...new Set([gaugeOf(loop, 'store'), gaugeOf(loop, null)])]);
const own = new Map([...loopMetrics.map((name) => [name, []] as const), ...code.named]);

/** Names of a text of metrics, with their types. */
const exposedIn = (text: string): Map<string, string> =>
  new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));

/** What each process exposes of itself, without a service in it. */
async function ofEveryProcess(): Promise<Map<string, string>> {
  return exposedIn(await new Metrics(new ManualClock(), {} as Log).text());
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url?: string };
}
const { groups } = parse(read('docker/prometheus/rules.yml')) as { groups: readonly { rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

interface Disturbance {
  readonly alert: string;
  readonly both?: readonly object[];
  readonly services?: readonly object[];
  readonly standalone?: readonly object[];
}
const { alerts: disturbed } = parse(read('docker/prometheus/disturbances.yml')) as { alerts: readonly Disturbance[] };

/** Metrics of a scrape that was recorded, by the lines that say their type. */
const recorded = (name: string): string[] => [...exposedIn(read(`docker/prometheus/recorded/${name}.prom`)).keys()];

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
const dashboard = JSON.parse(read('docker/grafana/dashboards/meterbook.json')) as { panels: readonly Panel[] };
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const shown = panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** What Prometheus adds. */
const ofPrometheus = new Map([
  ['up', ['job', 'instance']],
  ['ALERTS', ['alertname', 'alertstate', 'severity']],
]);
const everywhere = ['job', 'instance'];
const parts = /_(?:bucket|sum|count)$/;

/** What an expression asks for that nobody gives. */
function unknownIn(expression: string, everyProcess: ReadonlyMap<string, string>): string[] {
  const { metrics, grouping } = askedBy(expression);
  const labelsOf = (name: string): readonly string[] | undefined => {
    const histogram = name.replace(parts, '');
    const labels = ofPrometheus.get(name) ?? own.get(name) ?? own.get(histogram);
    if (labels) return name.endsWith('_bucket') ? [...labels, 'le'] : labels;
    return everyProcess.has(name) ? [] : undefined;
  };
  const known = new Set([...everywhere, ...metrics.flatMap(({ name }) => labelsOf(name) ?? [])]);
  return [
    ...metrics.filter(({ name }) => labelsOf(name) === undefined).map(({ name }) => `metric ${name}`),
    ...grouping.filter((label) => !known.has(label)).map((label) => `label ${label}`),
    ...metrics.flatMap(({ name, matchers }) =>
      matchers
        .filter(({ label }) => ![...everywhere, ...(labelsOf(name) ?? [])].includes(label))
        .map(({ label }) => `label ${label} of ${name}`),
    ),
    ...metrics.flatMap(({ matchers }) =>
      matchers
        .filter((matcher) => !isValue(matcher.label, matcher.value))
        .map(({ label, value }) => `value ${value} of ${label}`),
    ),
  ];
}

const pathOf = (target: object): string => Reflect.getMetadata('path', target) as string;
const handlers = HealthController.prototype as unknown as Readonly<Record<'checkReadiness' | 'checkLiveness', object>>;
const healthRoute = (method: 'checkReadiness' | 'checkLiveness'): string =>
  `/${pathOf(HealthController)}/${pathOf(handlers[method])}`;
const routes = new Set([USAGE_PATH, healthRoute('checkReadiness'), healthRoute('checkLiveness')]);
const { scrape_configs: scraped } = parse(read('docker/prometheus/prometheus.yml'), { merge: true }) as {
  scrape_configs: readonly { job_name: string; dns_sd_configs: readonly { names: readonly string[] }[] }[];
};
const services = scraped.flatMap((job) => job.dns_sd_configs.flatMap(({ names }) => names));
const jobs = new Set(services);

/** Whether a label can have a value, as far as the code says which ones there are. */
function isValue(label: string, value: string): boolean {
  if (label === 'route') return routes.has(value);
  if (label === 'outcome') return code.labelValues.get('outcome')?.has(value) === true;
  if (label === 'job') return value.split('|').every((name) => jobs.has(name));
  return true;
}

describe('the metrics of the code', () => {
  it('can all be read out of it', () => {
    const namedLikeLoops = code.templates.filter((template) => {
      const pattern = new RegExp(`^${template.replaceAll('*', '[a-z_]+')}$`);
      return loopMetrics.some((name) => pattern.test(name));
    });
    expect(code.unread).toEqual([]);
    expect(code.templates).toEqual(namedLikeLoops);
    expect(loopTable.length).toBeGreaterThanOrEqual(7);
    expect(own.size).toBeGreaterThan(12);
  });

  it('are read as they are registered, with labels', () => {
    const planted = metricsIn([
      `const registry = new Registry();
       const things = new Counter({ name: 'things_total', help: 'Things.', labelNames: ['kind'], registers: [registry] });
       const gauge = (name: string, help: string): Gauge => new Gauge({ name, help });
       gauge('depth_bytes', 'How deep.');
       this.metrics.counter('calls_total', 'Calls.', ['route']).inc({ route: '/x' });
       for (const loop of loops) { const name = \`loop_\${loop}_behind\`; metrics.gauge(name, 'Behind.'); }
       metrics.gauge(pick(), 'Unreadable.');
       if (late) { const { title } = pick(); metrics.gauge(title, 'Unreadable as well.'); }
       if (soon) { const { name, help } = loopGauge(loop, unit); metrics.gauge(name, help); }`,
    ]);
    expect([...planted.named]).toEqual([
      ['things_total', ['kind']],
      ['depth_bytes', []],
      ['calls_total', ['route']],
    ]);
    expect(planted.templates).toEqual(['loop_*_behind']);
    expect(planted.unread).toEqual(['pick()', 'title']);
    expect(planted.labelValues.get('route')).toEqual(new Set(['/x']));
  });
});

describe('the alert rules', () => {
  it.each(rules)('$alert asks only for what there is', async ({ expr }) => {
    expect(unknownIn(expr, await ofEveryProcess())).toEqual([]);
  });

  it('are each tried, and each described', () => {
    const tried = new Set(
      [...read('docker/prometheus/rules.test.yml').matchAll(/alertname: (\w+)\n\s+exp_alerts/g)].map(
        ([, name]) => name,
      ),
    );
    const described = [...section(read('docs/monitoring.md'), 'Alerts').matchAll(/^### (\w+)$/gm)].map(
      ([, name]) => name,
    );
    const names = rules.map(({ alert }) => alert);
    expect([...described].sort()).toEqual([...names].sort());
    expect(disturbed.map(({ alert }) => alert)).toEqual(names);
    // What an alert says is compared word for word where it says more than a name and a number.
    const worded = rules.filter(({ alert }) => tried.has(alert));
    expect(worded.length).toBeGreaterThanOrEqual(15);
  });

  it('each point to the place that says what to do', () => {
    for (const { alert, annotations } of rules)
      expect([alert, annotations.runbook_url]).toEqual([alert, `docs/monitoring.md#${alert.toLowerCase()}`]);
  });

  it('are each tried on what the five services tell, and on what the one process tells', () => {
    // Where there are no threads beside that of HTTP, none can fail to answer.
    for (const { alert, both, services: five, standalone } of disturbed)
      expect([alert, both ?? five, both ?? standalone]).toEqual([alert, expect.any(Array), expect.any(Array)]);
  });

  it('watch the services that are scraped', () => {
    const missing = rules.find(({ alert }) => alert === 'ServiceMissing')?.expr ?? '';
    expect(services).toContain('standalone');
    const ofTheFive = services.filter((name) => name !== 'standalone');
    expect(ofTheFive.filter((name) => !missing.includes(`absent(up{job="${name}"})`))).toEqual([]);
    expect(missing).toContain('unless on () up{job="standalone"}');
  });
});

describe('the dashboard', () => {
  it.each(shown)('$title asks only for what there is: $expr', async ({ expr }) => {
    expect(unknownIn(expr, await ofEveryProcess())).toEqual([]);
  });

  it('shows every loop of the services', () => {
    const names = shown.flatMap(({ expr }) => askedBy(expr).metrics.map(({ name }) => name));
    const expected = loopTable.flatMap((loop) => [gaugeOf(loop, null), gaugeOf(loop, 'store')]);
    expect(expected.filter((name) => !names.includes(name))).toEqual([]);
  });

  it('has panels that are named, described, apart from each other and on the data source that is provisioned', () => {
    const { datasources } = parse(read('docker/grafana/provisioning/datasources/prometheus.yaml')) as {
      datasources: readonly { uid: string }[];
    };
    const uids = datasources.map(({ uid }) => uid);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(panels.filter(({ title, description = '' }) => title === '' || description === '')).toEqual([]);
    const used = panels.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((t) => t.datasource)]);
    expect(used.filter((source) => !uids.includes(source?.uid ?? ''))).toEqual([]);
    expect(overlaps(dashboard.panels)).toEqual([]);
  });
});

function overlaps(all: readonly Panel[]): string[] {
  return all.flatMap(({ title, gridPos: a }, at) =>
    all
      .slice(at + 1)
      .filter(({ gridPos: b }) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
      .map((other) => `${title} and ${other.title}`),
  );
}

describe('what was recorded', () => {
  const asked = [...rules, ...shown].flatMap(({ expr }) => askedBy(expr).metrics.map(({ name }) => name));
  const known = (name: string): string => name.replace(parts, '');
  /** A loop that reads the store tells seconds on a server and events on files. */
  const twin = (name: string): string =>
    name.endsWith('_behind_seconds') ? name.replace(/_seconds$/, '') : `${name}_seconds`;

  it.each([
    ['the one process', ['standalone']],
    ['the five services', services.filter((name) => name !== 'standalone')],
  ])('of %s has every metric that the rules and the dashboard ask for', (_, processes) => {
    const there = new Set(processes.flatMap(recorded));
    expect(there.size).toBeGreaterThan(30);
    const missing = [...new Set(asked.map(known))].filter(
      (name) => !ofPrometheus.has(name) && !there.has(name) && !there.has(twin(name)),
    );
    expect(missing).toEqual([]);
  });
});

describe('docs/monitoring.md', () => {
  const text = read('docs/monitoring.md');
  const documented = new Map(
    tableRows(section(text, 'Metrics')).map(([name = '', type = '', labels = '', unit = '', meaning = '']) => [
      name.replaceAll('`', ''),
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label), unit, meaning },
    ]),
  );

  it('names every metric that there is, and no other', async () => {
    const all = new Set([...own.keys(), ...(await ofEveryProcess()).keys()]);
    expect([...documented.keys()].sort()).toEqual([...all].sort());
  });

  it('says type, labels, unit and meaning of each', async () => {
    const everyProcess = await ofEveryProcess();
    const wrong = [...documented].filter(([name, { type, labels, unit, meaning }]) => {
      const registered = own.get(name);
      if (registered && labels.join() !== registered.join()) return true;
      return type !== (everyProcess.get(name) ?? (name.endsWith('_total') ? 'counter' : 'gauge')) || !unit || !meaning;
    });
    expect(wrong).toEqual([]);
  });

  it('says of each panel how to read it', () => {
    const table = tableRows(section(text, 'The dashboard')).map(([title]) => title);
    expect(table).toEqual(panels.map(({ title }) => title));
  });
});

describe('the reading of PromQL', () => {
  it('finds metrics, conditions and grouping, and neither functions nor keywords', () => {
    const asked = askedBy(
      'sum by (job, le) (rate(a_total{status=~"5..", route!="/x{y}"}[$__rate_interval])) / on (job) group_left (kind) max(b) > 1 and absent(c{d="e"} offset 5m) or deriv(max(f)[10m:30s]) > 1e3',
    );
    expect(asked.metrics.map(({ name }) => name)).toEqual(['a_total', 'b', 'c', 'f']);
    expect(asked.metrics[0]?.matchers).toEqual([
      { label: 'status', operator: '=~', value: '5..' },
      { label: 'route', operator: '!=', value: '/x{y}' },
    ]);
    expect(asked.grouping).toEqual(['job', 'le', 'job', 'kind']);
  });

  it.each([
    ['rate(usage_events_taken_total[5m])', ['metric usage_events_taken_total']],
    ['sum by (account) (usage_events_accepted_total)', ['label account']],
    ['usage_events_accepted_total{platform="x"}', ['label platform of usage_events_accepted_total']],
    ['meterbook_usage_total{outcome="mislaid"}', ['value mislaid of outcome']],
    ['http_request_duration_seconds_count{route="/v2/usage"}', ['value /v2/usage of route']],
    ['up{job="ledgers"}', ['value ledgers of job']],
    ['meterbook_eat_dinner_behind', ['metric meterbook_eat_dinner_behind']],
    ['process_start_time_seconds', ['metric process_start_time_seconds']],
    ['{__name__=~"meterbook_.+"}', ['metric ', 'label __name__ of ']],
  ])('finds what nobody gives in %s', async (expression, expected) => {
    expect(unknownIn(expression, await ofEveryProcess())).toEqual(expected);
  });

  it('finds panels that lie on each other', () => {
    const panel = (title: string, x: number): Panel => ({
      id: x,
      type: 'stat',
      title,
      gridPos: { x, y: 0, w: 8, h: 4 },
    });
    expect(overlaps([panel('a', 0), panel('b', 8), panel('c', 12)])).toEqual(['b and c']);
  });
});
