import { host } from '@meterbook/host/knows-no-floor';

export const http = [host];
