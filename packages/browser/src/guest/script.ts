// The script `guest.js`: keeps the token of whoever has one, or uses the chat.
import { thisPage } from '../page.ts';
import { startKeeper } from './keeper.ts';

thisPage().guest = startKeeper;
