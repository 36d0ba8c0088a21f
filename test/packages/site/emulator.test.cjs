// What Jest runs.
const { start } = require('./require.cjs');

test('every package can be required, and the emulator starts', async () => {
  expect(await start()).toBe('200 function function function function');
});
