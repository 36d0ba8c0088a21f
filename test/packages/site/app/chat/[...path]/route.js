// A route handler of Next. The guest is made at the first request: a build loads this file, too, and has no options.
import { genesysGuest } from '@genesys-guest/server';
import { options } from '../../../options.js';

let guest;
const answer = (request) => {
  guest ??= genesysGuest(options());
  return guest.fetch(request);
};

export { answer as GET, answer as POST };
