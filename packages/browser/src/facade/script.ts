// The script `facade.js`: brings the facade to a page whose `boot.js` asks for it.
import { thisPage } from '../page.ts';
import { facade } from './facade.ts';

thisPage().facade = facade;
