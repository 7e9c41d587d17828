describe('a suite', () => {
  it('runs', () => undefined);
  it.skip('is skipped', () => undefined); // caught
  it.only('runs alone', () => undefined); // caught
  test.todo('is for later'); // caught
  xit('is skipped', () => undefined); // caught
  fit('runs alone', () => undefined); // caught
});
describe.skip('a skipped suite', () => undefined); // caught
