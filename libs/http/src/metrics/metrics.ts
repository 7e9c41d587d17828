import { Injectable } from '@nestjs/common';
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Clock } from '@meterbook/runtime/clock';
import type { Log } from '@meterbook/runtime/log';

/** What `registry.getMetricsAsJSON()` gives, here or in a worker thread. */
export type MetricSnapshot = readonly object[];

/** Asks another thread for its metrics. */
export type MetricSource = () => Promise<MetricSnapshot>;

/** How long a source may take before its metrics are left out. */
export const SOURCE_TIMEOUT_MS = 1_000;

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern, never the path: ids would make a series of each. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** Everything a process counts, that of its worker threads included. */
@Injectable()
export class Metrics {
  /** For the counters of this thread. */
  readonly registry = new Registry();
  private readonly sources = new Map<string, MetricSource>();
  private readonly durations: Histogram;
  private readonly missing: Counter;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    const registers = [this.registry];
    this.durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the last of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: DURATION_BUCKETS_SECONDS,
      registers,
    });
    this.missing = new Counter({
      name: 'metrics_source_failures_total',
      help: 'Times the metrics of a worker thread could not be had.',
      labelNames: ['source'],
      registers,
    });
    collectDefaultMetrics({ register: this.registry });
  }

  /** A counter of this thread; the same one when it is asked for again. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const known = this.registry.getSingleMetric(name);
    if (known) return known as Counter;
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  /** A gauge of this thread, read when it is asked for. Throws when the name is taken. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Adds the metrics of another thread. Throws when the name is taken. */
  addSource(name: string, source: MetricSource): void {
    if (this.sources.has(name)) throw new Error(`There are two sources of metrics called ${name}.`);
    this.sources.set(name, source);
  }

  observe({ method, route, status, durationMs }: AnsweredRequest): void {
    this.durations.observe({ method, route, status }, durationMs / 1000);
  }

  /** Prometheus' text format; what several threads count under one name is added up. */
  async text(): Promise<string> {
    const others = await Promise.all([...this.sources].map(([name, source]) => this.ask(name, source)));
    const own = await this.registry.getMetricsAsJSON();
    return AggregatorRegistry.aggregate([own, ...others]).metrics();
  }

  private async ask(name: string, source: MetricSource): Promise<MetricSnapshot> {
    const answered = new AbortController();
    const late = this.clock.sleep(SOURCE_TIMEOUT_MS, answered.signal).then(() => {
      throw new Error(`no answer within ${SOURCE_TIMEOUT_MS} ms`);
    });
    // Lost races reject too.
    late.catch(() => undefined);
    try {
      return await Promise.race([source(), late]);
    } catch (error) {
      this.missing.inc({ source: name });
      this.log.warn({ err: error, source: name }, 'The metrics of a worker thread could not be had.');
      return [];
    } finally {
      answered.abort();
    }
  }
}
