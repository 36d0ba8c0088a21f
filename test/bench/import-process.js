// How long one package takes to import, in a process that has imported nothing before.
const [name] = process.argv.slice(2);

const startedAt = performance.now();
await import(name);
process.send(performance.now() - startedAt);
