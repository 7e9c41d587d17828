/** The only source of chance outside adapters. */
export abstract class Random {
  abstract bytes(length: number): Uint8Array;
}
