const MICROSECONDS_PER_MS = 1000;

/** Processor time that this process has had since its start, all its threads together, in milliseconds. */
export function processorTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}
