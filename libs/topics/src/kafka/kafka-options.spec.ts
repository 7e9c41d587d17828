import { logLevel, type LogEntry } from 'kafkajs';
import { clientSettings, connectionWarnings, type KafkaConnection } from './kafka-options';

const connection: KafkaConnection = { brokers: ['kafka-1:9092', 'kafka-2:9092'], clientId: 'ledger' };
const entry = (message: string): LogEntry => ({
  namespace: 'Producer',
  level: logLevel.ERROR,
  label: 'ERROR',
  log: { timestamp: '', message, broker: 'kafka-1:9092' },
});

describe('clientSettings', () => {
  it('leaves TLS and SASL out where they are not asked for', () => {
    const settings = clientSettings(connection);
    expect(settings).toMatchObject({ ...connection, enforceRequestTimeout: true, logLevel: logLevel.NOTHING });
    expect(Object.keys(settings)).not.toEqual(expect.arrayContaining(['ssl']));
    expect(Object.keys(settings)).not.toEqual(expect.arrayContaining(['sasl']));
  });

  it('hands certificates and credentials over as they are', () => {
    const ssl = { ca: '-----BEGIN CERTIFICATE-----', rejectUnauthorized: true };
    const sasl = { mechanism: 'scram-sha-512', username: 'ledger', password: 'hush' } as const;
    expect(clientSettings({ ...connection, ssl, sasl })).toMatchObject({ ssl, sasl });
    expect(clientSettings({ ...connection, ssl: true })).toMatchObject({ ssl: true });
  });

  it('passes on what goes wrong inside kafkajs, but for a warning without ground', () => {
    const lines: unknown[] = [];
    const settings = clientSettings({ ...connection, log: (message, details) => lines.push([message, details]) });
    const log = settings.logCreator?.(logLevel.WARN);
    log?.(entry('Failed to send messages'));
    log?.(entry('Limiting retries for the idempotent producer may invalidate EoS guarantees'));
    expect(lines).toEqual([['Producer: Failed to send messages', { timestamp: '', broker: 'kafka-1:9092' }]]);
    expect(settings.logLevel).toBe(logLevel.WARN);
  });
});

describe('connectionWarnings', () => {
  const plain = { mechanism: 'plain', username: 'ledger', password: 'hush' } as const;

  it('warns of a password that is sent unencrypted, without naming it', () => {
    const [warning, ...others] = connectionWarnings({ ...connection, sasl: plain });
    expect(warning).toContain('SASL PLAIN without TLS');
    expect(warning).not.toContain('hush');
    expect(others).toEqual([]);
  });

  it('is content with TLS, and with a mechanism that does not send it', () => {
    expect(connectionWarnings({ ...connection, sasl: plain, ssl: true })).toEqual([]);
    expect(connectionWarnings({ ...connection, sasl: { ...plain, mechanism: 'scram-sha-256' } })).toEqual([]);
    expect(connectionWarnings(connection)).toEqual([]);
  });
});
