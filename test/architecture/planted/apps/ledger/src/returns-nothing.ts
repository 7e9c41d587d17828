export function say(name: string): string {
  const said = console.log(name); // caught
  return [name, said].join();
}
