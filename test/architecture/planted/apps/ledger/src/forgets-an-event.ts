type Event = { readonly type: 'Opened' } | { readonly type: 'Closed' };

export function evolve(open: boolean, event: Event): boolean {
  // prettier-ignore
  switch (event.type) { // caught
    case 'Opened':
      return true;
  }
  return open;
}
