import { embeddedTopics } from '@meterbook/topics/embedded-topics';

export const neighbours = [embeddedTopics];
