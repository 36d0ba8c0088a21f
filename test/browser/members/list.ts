// The list of what members can rely on in a browser, against the emulator and the real server.
import { describeInEveryEngine, type Engine, type EngineName } from '../engines.ts';
import { membersChat } from './chats.ts';
import { membersLeaveNothing } from './leaves-nothing.ts';
import { membersSites } from './site.ts';

const suite = (engine: () => Engine): void => {
  const startSite = membersSites();
  membersChat(engine, startSite);
  membersLeaveNothing(engine, startSite);
};

/** Runs the list in these engines. */
export const membersIn = (...engines: EngineName[]): void => describeInEveryEngine('Members', suite, engines);
