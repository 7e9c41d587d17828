import type { Fault } from '@meterbook/messages/reading/fault';
import { UnreadableText } from '@meterbook/messages/reading/json-text';
import type { HttpRequest } from '../http-message';
import { EventsBody, readEvents } from './events-body';

type Headers = HttpRequest['headers'];

const PREFIX = 'ce-';
/** Either of them tells that the headers are the event and the body is its data. */
const telling = ['ce-specversion', 'ce-type'] as const;
const quoted = /^"(?:[^"\\]|\\.)*"$/s;
const printable = /^[\x20-\x7e]*$/;

/** Whether a request carries one event in binary content mode: its attributes in `ce-` headers, its data alone as the body. */
export function isBinaryEvent(headers: Headers): boolean {
  return telling.some((name) => headers[name] !== undefined);
}

/**
 * The event of such a request, as if it had come in structured mode; a header that cannot be read is one of its doubts. Throws or
 * rejects as `readEvents` does.
 */
export async function readBinaryEvent(data: string, headers: Headers): Promise<EventsBody> {
  // Read as a part of an object, so that pointers begin where they do in the whole event.
  const { value, doubts } = await readEvents(`{"data":${data}}`);
  const whole = value as object;
  if (Object.keys(whole).length !== 1) throw new UnreadableText('invalid_json', 'The body cannot be read as JSON.');
  const faults: Fault[] = [];
  const attributes = new Map<string, unknown>();
  for (const [header, text] of Object.entries(headers)) {
    if (!header.startsWith(PREFIX)) continue;
    const name = header.slice(PREFIX.length);
    const read = attributeOf(String(text));
    if (read === undefined)
      faults.push({
        pointer: `/${name}`,
        code: 'invalid_value',
        detail: 'must be percent-encoded UTF-8 in its header',
      });
    else attributes.set(name, read);
  }
  const contentType = headers['content-type'];
  if (typeof contentType === 'string') attributes.set('datacontenttype', contentType);
  return new EventsBody({ ...Object.fromEntries(attributes), ...whole }, [...faults, ...doubts]);
}

/** The text of an attribute: taken out of quotes, then its percent-encoded bytes read as UTF-8. Undefined where it is not so written. */
function attributeOf(header: string): string | undefined {
  if (!printable.test(header)) return undefined;
  const bare = quoted.test(header) ? header.slice(1, -1).replace(/\\(.)/gs, '$1') : header;
  try {
    return decodeURIComponent(bare);
  } catch {
    return undefined;
  }
}
