// The tests of this folder, and not those of the repository around it.
export default { test: { include: ['*.test.mjs'] } };
