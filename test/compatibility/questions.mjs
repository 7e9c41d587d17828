import { days } from './business.mjs';

const account = (platform, name) => `/v1/platforms/${platform}/accounts/${name}`;
const named = {
  apibox: ['alice', 'owing', 'reversing'],
  usdcny: ['bob', 'busy'],
  creditpool: ['carol'],
  trialbox: ['eve', 'frank', 'unpaid'],
};
const platforms = ['apibox', 'creditpool', 'tokenopen', 'trialbox', 'usdcny', 'yunxin'];
const end = days.closing;

/** What is asked of what was charged before the books were closed; each answer stays as it is whatever comes later. */
export const questions = [
  ...platforms.flatMap((platform) => [
    `/v1/platforms/${platform}/rulebook`,
    `/v1/platforms/${platform}/finance/trial-balance?asOf=${days.second}`,
    `/v1/platforms/${platform}/finance/trial-balance?asOf=${days.third}`,
    `/v1/platforms/${platform}/finance/trial-balance?asOf=${end}`,
  ]),
  '/v1/platforms/apibox/rulebook?version=1',
  ...Object.entries(named).flatMap(([platform, names]) =>
    names.flatMap((name) => [
      `${account(platform, name)}?asOf=${days.second}`,
      `${account(platform, name)}?asOf=${end}`,
      `${account(platform, name)}/tier`,
      `${account(platform, name)}/keys`,
      `${account(platform, name)}/statement?from=${days.first}&to=${end}`,
    ]),
  ),
  `${account('usdcny', 'busy')}/charges?source=gateway&id=busy-0`,
  `${account('usdcny', 'busy')}/charges?source=gateway&id=busy-349`,
  `${account('usdcny', 'bob')}/charges?from=${days.first}&to=${end}`,
  `${account('apibox', 'alice')}/charges?from=${days.first}&to=${end}`,
  `${account('trialbox', 'frank')}/charges?from=${days.first}&to=${end}`,
];

/** What is asked after the accepted usage has been charged. */
export const afterwards = [
  ...['apibox', 'trialbox', 'usdcny'].map((platform) => `/v1/platforms/${platform}/finance/trial-balance`),
  account('usdcny', 'busy'),
  account('apibox', 'alice'),
  account('trialbox', 'opened-later'),
  `${account('usdcny', 'busy')}/charges?source=gateway&id=waiting-1`,
  `${account('trialbox', 'opened-later')}/charges?source=gateway&id=waiting-2`,
  '/v1/dead-letters?platform=usdcny',
  '/v1/dead-letters?platform=apibox',
  '/v1/dead-letters?platform=trialbox',
];
