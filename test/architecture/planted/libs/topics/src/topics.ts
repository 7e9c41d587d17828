import { embeddedTopics } from './embedded-topics';

export const topics = [embeddedTopics];
