import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, request } from '../support/client';
import { metricTypes, recordedMetricTypes } from '../support/recorded-metrics';
import { StandaloneProcess } from '../support/standalone-process';

describe('the one process', () => {
  it('tells the metrics that the alerts are tried on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'meterbook-metrics-'));
    const standalone = await StandaloneProcess.start(directory);
    try {
      // A thread that still starts tells nothing yet.
      await eventually(
        () => request(standalone.url, 'GET', '/health/ready'),
        ({ status }) => status === 200,
      );
      const text = await (await fetch(`${standalone.url}/metrics`)).text();
      expect(metricTypes(text)).toMatchObject(recordedMetricTypes('standalone'));
    } finally {
      await standalone.stop();
      rmSync(directory, { recursive: true });
    }
  });
});
