// The script `members.js`: brings signed-in members to a page whose mount has them.
import { thisPage } from '../page.ts';
import { startMembers } from './members.ts';

thisPage().members = startMembers;
