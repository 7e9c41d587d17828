import { Empty, StreamIdentifier } from '@eventstore/db-client/generated/shared_pb';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb';
import { comparePositions, type Position, type Revision } from '../event-store';
import { logPosition, zeroPosition } from './position-text';

export type Direction = 'forward' | 'backward';

/** Records that the server looks at before it says how far it has come (with the interval of 1: at most). */
const SEARCH_WINDOW = 1000;

/** A page of one stream, the event at `from` included. */
export function streamPage(stream: string, from: Revision | 'end', direction: Direction, count: number): ReadReq {
  const options = counted(direction, count);
  const place = new ReadReq.Options.StreamOptions().setStreamIdentifier(streamIdentifier(stream));
  if (from === 'end') place.setEnd(new Empty());
  else place.setRevision(String(from));
  return new ReadReq().setOptions(options.setStream(place).setNoFilter(new Empty()));
}

/** A page of all streams: forward with the event at `from`, backward from the one before it. Without prefixes, of every stream there is. */
export function allPage(
  prefixes: readonly string[],
  from: Position | 'start' | 'end',
  direction: Direction,
  count: number,
): ReadReq {
  const options = counted(direction, count).setAll(place(from));
  if (prefixes.length === 0) options.setNoFilter(new Empty());
  else options.setFilter(streamFilter(prefixes));
  return new ReadReq().setOptions(options);
}

/** Events of streams with one of the prefixes, after a position, for as long as the call lives. */
export function subscription(prefixes: readonly string[], after: Position | 'start'): ReadReq {
  const options = new ReadReq.Options()
    .setAll(place(after))
    .setSubscription(new ReadReq.Options.SubscriptionOptions())
    .setFilter(streamFilter(prefixes))
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
  return new ReadReq().setOptions(options);
}

export function streamIdentifier(stream: string): StreamIdentifier {
  return new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));
}

function counted(direction: Direction, count: number): ReadReq.Options {
  return new ReadReq.Options()
    .setCount(String(count))
    .setReadDirection(
      direction === 'forward' ? ReadReq.Options.ReadDirection.FORWARDS : ReadReq.Options.ReadDirection.BACKWARDS,
    )
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));
}

function place(position: Position | 'start' | 'end'): ReadReq.Options.AllOptions {
  const options = new ReadReq.Options.AllOptions();
  if (position === 'end') return options.setEnd(new Empty());
  if (position === 'start' || comparePositions(position, zeroPosition) === 0) return options.setStart(new Empty());
  const { commit, prepare } = logPosition(position);
  return options.setPosition(new ReadReq.Options.Position().setCommitPosition(commit).setPreparePosition(prepare));
}

function streamFilter(prefixes: readonly string[]): ReadReq.Options.FilterOptions {
  if (prefixes.length === 0 || prefixes.includes('')) throw new Error('a filter needs prefixes, none of them empty');
  const names = new ReadReq.Options.FilterOptions.Expression().setPrefixList([...prefixes]);
  return new ReadReq.Options.FilterOptions()
    .setStreamIdentifier(names)
    .setMax(SEARCH_WINDOW)
    .setCheckpointintervalmultiplier(1);
}
