// Where the packages are at home: the root's package.json says it for all, and packing writes it into each manifest.
// Run as a program it refuses a release while one of these is empty.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

const FIELDS = ['keywords', 'homepage', 'bugs', 'repository'];
const ROOT = new URL('../package.json', import.meta.url);

/** @returns the fields of `manifest` that are empty */
export const emptyIn = (manifest) => FIELDS.filter((field) => !manifest[field]?.length);

/**
 * @param folder of the package, in `packages`
 * @returns what a package's manifest gets from `manifest`, as npm writes it; nothing of what is empty
 */
export const homeOf = (manifest, folder) => {
  const missing = emptyIn(manifest);
  const { repository, bugs, ...others } = Object.fromEntries(
    FIELDS.filter((field) => !missing.includes(field)).map((field) => [field, manifest[field]]),
  );
  return {
    ...others,
    ...(bugs && { bugs: { url: bugs } }),
    ...(repository && {
      repository: { type: 'git', url: `git+${repository}`, directory: `packages/${basename(folder)}` },
    }),
  };
};

export const readRoot = () => JSON.parse(readFileSync(ROOT, 'utf8'));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const empty = emptyIn(readRoot());
  if (empty.length > 0) {
    console.error(
      `Nothing is released while these are empty in the root's package.json: ${empty.join(', ')}`,
    );
    process.exitCode = 1;
  }
}
