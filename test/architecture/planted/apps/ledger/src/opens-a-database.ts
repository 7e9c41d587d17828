import type { Database } from 'better-sqlite3';

export const opened: Database[] = [];
