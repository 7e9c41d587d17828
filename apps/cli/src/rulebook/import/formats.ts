import type { Choices } from './choices';
import type { Findings } from './findings';
import { readLitellm } from './litellm/litellm';
import { readModelsDev } from './models-dev/models-dev';
import { readNewApi } from './new-api/new-api';
import type { PriceList } from './price-list';

/** Reads a list in its own form. Throws `UnusableList` where it is no such list at all. */
export type ReadList = (value: unknown, choices: Choices, findings: Findings) => PriceList;

export const formatNames = ['litellm', 'new-api', 'models.dev'] as const;
export type FormatName = (typeof formatNames)[number];

export const formats: Readonly<Record<FormatName, ReadList>> = {
  litellm: readLitellm,
  'new-api': readNewApi,
  'models.dev': readModelsDev,
};
