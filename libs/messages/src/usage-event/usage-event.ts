/** The CloudEvents type of usage. */
export const USAGE_EVENT_TYPE = 'usage.recorded';
/** Longest `source` and `id`, in bytes of UTF-8 (SPEC §9). */
export const MAX_IDENTITY_BYTES = 256;
/** Longest name of a model, key, group, channel or authorization, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 256;
/** Longest CloudEvents attribute that is only passed on, in bytes of UTF-8. */
export const MAX_ATTRIBUTE_BYTES = 2_048;
/** Most `fields` of one event (SPEC §9). */
export const MAX_FIELDS = 32;
export const MAX_FIELD_NAME_BYTES = 128;
export const MAX_FIELD_VALUE_BYTES = 1_024;
/** Most kinds of units of one event. */
export const MAX_UNITS = 64;
/** Largest count of any unit (SPEC §9). */
export const MAX_UNIT = 1_000_000_000_000;

/** A usage event as it comes over the wire, its shape checked: a CloudEvent 1.0 in JSON (SPEC §9). */
export interface UsageEvent {
  readonly specversion: '1.0';
  readonly type: typeof USAGE_EVENT_TYPE;
  readonly source: string;
  readonly id: string;
  /** RFC 3339 with a zone. */
  readonly time: string;
  readonly platform: string;
  /** The account. */
  readonly subject: string;
  readonly data: UsageData;
  readonly datacontenttype?: string | null;
  readonly dataschema?: string | null;
  readonly traceparent?: string | null;
  readonly tracestate?: string | null;
}

export interface UsageData {
  readonly model: string;
  readonly units: Readonly<Record<string, number | string>>;
  readonly apiKeyId?: string | null;
  readonly group?: string | null;
  readonly channel?: string | null;
  readonly authorizationId?: string | null;
  /** What the provider says it took, in the wallet's currency. */
  readonly upstreamCost?: string | null;
  readonly fields?: Readonly<Record<string, string>> | null;
  /** Whose cost it is. */
  readonly labels?: Readonly<Record<string, string>> | null;
}
