import { hash } from 'node:crypto';
import { decimal } from '@meterbook/domain/amount/decimal';
import { instantMs } from '@meterbook/domain/time/instant';
import type { Usage } from '@meterbook/domain/usage/usage';
import { isTraceparent } from '../trace-context';
import type { UsageData, UsageEvent } from './usage-event';

/** 66 bits of SHA-256: enough to tell a retry from another content under the same identity. */
const DIGEST_LENGTH = 11;

/** A text as canonical JSON spells it; nearly all are plain ASCII, which needs no escapes. */
const plain = /^[ !#-[\]-~]*$/;
const spell = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text));

const spellMember = (value: number | string): string => (typeof value === 'number' ? String(value) : spell(value));

/** An object of texts and numbers as canonical JSON. */
function spellObject(values: Readonly<Record<string, number | string>>): string {
  const names = Object.keys(values);
  if (names.length > 1) names.sort();
  let text = '';
  for (const name of names) {
    const value = values[name];
    if (value !== undefined) text += `${text === '' ? '' : ','}${spell(name)}:${spellMember(value)}`;
  }
  return `{${text}}`;
}

/** A member of the data, and the comma after it; nothing where it is null or absent. */
const optional = (name: string, value: string | null | undefined): string =>
  typeof value === 'string' ? `"${name}":${spell(value)},` : '';

/** The data as canonical JSON (RFC 8785) without nulls: the keys stand in order here, so that nothing has to be sorted. */
function canonicalData(data: UsageData): string {
  const { apiKeyId, authorizationId, channel, fields, group, labels, model, units, upstreamCost } = data;
  const before =
    optional('apiKeyId', apiKeyId) + optional('authorizationId', authorizationId) + optional('channel', channel);
  const spelledFields = fields ? `"fields":${spellObject(fields)},` : '';
  const after = typeof upstreamCost === 'string' ? `,"upstreamCost":${spell(upstreamCost)}` : '';
  const spelledLabels = labels ? `"labels":${spellObject(labels)},` : '';
  return `{${before}${spelledFields}${optional('group', group)}${spelledLabels}"model":${spell(model)},"units":${spellObject(units)}${after}}`;
}

/** The canonical JSON of what makes two arrivals the same: type, time as an instant, data without nulls. */
export const usageContent = (event: UsageEvent, occurredAt: number): string =>
  `{"data":${canonicalData(event.data)},"time":${occurredAt},"type":"usage.recorded"}`;

/** A checked event as the ledger charges it, with the digest of its content. */
export function toUsage(event: UsageEvent): Usage {
  const { data, traceparent } = event;
  const occurredAt = instantMs(event.time);
  return {
    source: event.source,
    id: event.id,
    occurredAt,
    model: data.model,
    apiKeyId: data.apiKeyId ?? null,
    group: data.group ?? null,
    channel: data.channel ?? null,
    authorizationId: data.authorizationId ?? null,
    units: data.units,
    fields: data.fields ?? {},
    digest: hash('sha256', usageContent(event, occurredAt), 'base64url').slice(0, DIGEST_LENGTH),
    traceparent: isTraceparent(traceparent) ? traceparent : null,
    ...(data.labels ? { labels: data.labels } : {}),
    ...(typeof data.upstreamCost === 'string' ? { upstreamCost: decimal(data.upstreamCost) } : {}),
  };
}
