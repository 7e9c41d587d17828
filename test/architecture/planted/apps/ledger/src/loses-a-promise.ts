async function publish(): Promise<string> {
  return Promise.resolve('published');
}

export function relay(): void {
  publish(); // caught
}
