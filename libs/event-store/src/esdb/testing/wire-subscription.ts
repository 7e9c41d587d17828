import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { status, type ServerWritableStream } from '@grpc/grpc-js';
import type { SubscriptionFault } from './wire-faults';
import type { WireLog } from './wire-log';
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
  failure,
  startOf,
} from './wire-messages';

/** For how long an early checkpoint stays ahead of the events before it. */
const aheadForMs = 100;

/** Sends the events after a position, then each new one, until the client leaves or the fault strikes. */
export class WireSubscription {
  private next: number;
  private sent = 0;
  private ended = false;
  private live = false;
  private ahead: 'not-yet' | 'now' | 'done' = 'not-yet';
  private readonly stopListening: () => void;

  constructor(
    private readonly log: WireLog,
    private readonly call: ServerWritableStream<ReadReq, ReadResp>,
    private readonly matches: (stream: string) => boolean,
    private readonly fault: SubscriptionFault | undefined,
    private readonly id: string,
  ) {
    const after = startOf(call.request.getOptions() as ReadReq.Options);
    this.next = after === undefined ? 0 : log.firstAt(after + 1n);
    this.stopListening = log.onWrite(() => this.send());
    call.on('cancelled', () => this.stop());
  }

  get over(): boolean {
    return this.ended;
  }

  start(): void {
    this.call.write(confirmationMessage(this.id));
    this.send();
  }

  /** Loses the connection, or closes it in good order. */
  drop(kind: 'drop' | 'end'): void {
    if (this.ended) return;
    this.stop();
    if (kind === 'end') this.call.end();
    else this.call.emit('error', failure(status.UNAVAILABLE, 'the node is stopping'));
  }

  private send(): void {
    for (; this.next < this.log.records.length && !this.ended; this.next++) {
      const record = this.log.records[this.next];
      if (!record || !this.matches(record.stream)) continue;
      if (this.strikes()) return;
      this.call.write(eventMessage(record));
      if (this.fault?.kind === 'duplicates') this.call.write(eventMessage(record));
      this.sent += 1;
    }
    if (!this.ended && !this.live) this.goLive();
  }

  private goLive(): void {
    this.live = true;
    if (this.fault?.kind === 'mute-marks') return;
    const last = this.log.records.at(-1);
    if (last) this.call.write(checkpointMessage(last.position));
    this.call.write(caughtUpMessage());
  }

  /** True where nothing more is to be sent, or not yet. */
  private strikes(): boolean {
    if (!this.fault || this.sent < this.fault.afterEvents) return false;
    switch (this.fault.kind) {
      case 'drop':
      case 'end':
        this.drop(this.fault.kind);
        return true;
      case 'silence':
        return true;
      case 'early-checkpoint':
        return this.runAhead();
      case 'duplicates':
      case 'mute-marks':
        return false;
    }
  }

  /** Says that it has come to the end of the log, and sends what stands before it a while later. */
  private runAhead(): boolean {
    if (this.ahead === 'done') return false;
    if (this.ahead === 'not-yet') {
      this.ahead = 'now';
      this.call.write(checkpointMessage(this.log.records.at(-1)?.position ?? 0n));
      setTimeout(() => {
        this.ahead = 'done';
        this.send();
      }, aheadForMs);
    }
    return true;
  }

  private stop(): void {
    this.ended = true;
    this.stopListening();
  }
}
