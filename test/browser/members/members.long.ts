// Members in the other engines, which take their time to start.
import { membersIn } from './list.ts';

membersIn('Firefox', 'WebKit');
