// What pnpm does when it packs: each manifest gets where the packages are at home.
import { homeOf, readRoot } from './tools/home.js';

export const hooks = {
  beforePacking: (manifest, folder) => ({ ...manifest, ...homeOf(readRoot(), folder) }),
};
