// Members in Chromium; `members.long.ts` has the other engines.
import { membersIn } from './list.ts';

membersIn('Chromium');
