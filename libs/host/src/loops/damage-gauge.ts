import { Gauge, type Registry } from 'prom-client';

type Reader = () => number;

const readers = new WeakMap<Registry, Map<string, Reader>>();

/** Adds a loop to the gauge of damaged streams, a row a loop. */
export function watchDamage(registry: Registry, loop: string, read: Reader): void {
  const known = readers.get(registry);
  if (known) {
    known.set(loop, read);
    return;
  }
  const loops = new Map([[loop, read]]);
  readers.set(registry, loops);
  new Gauge({
    name: 'meterbook_damaged_streams',
    help: 'Streams that a loop goes on without, since they cannot be read or make no sense.',
    labelNames: ['loop'],
    registers: [registry],
    collect() {
      for (const [name, count] of loops) this.set({ loop: name }, count());
    },
  });
}
