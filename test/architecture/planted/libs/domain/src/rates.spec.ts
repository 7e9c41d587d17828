import { Test } from '@nestjs/testing';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export const tools = [Test, fc, readFileSync, parse];
