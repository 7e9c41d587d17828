export function ways(amount: string, charge: { readonly cost: string }, minutes: string): number[] {
  return [
    parseFloat(minutes), // caught
    Number.parseFloat(minutes), // caught
    Number(amount), // caught
    Number(charge.cost), // caught
    parseInt(amount, 10), // caught
    +amount, // caught
    Number(minutes),
  ];
}
