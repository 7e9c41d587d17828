import { Clock } from '../clock';

export class StoppedClock extends Clock {
  override now(): number {
    return 0;
  }
}
