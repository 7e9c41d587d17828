import { http } from '@meterbook/http/knows-the-floor-above';

export const books = [http];
