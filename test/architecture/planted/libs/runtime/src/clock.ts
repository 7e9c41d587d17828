export abstract class Clock {
  abstract now(): number;
}
