// What a page knows of its member and of what Messenger keeps.
import type { OnboardingConfig } from '@genesys-guest/common';
import type { GuestErrorCode } from '../errors.ts';
import { type Began, createBegan } from './began.ts';
import { type Cover, createCover } from './cover.ts';
import type { MembersTools } from './ports.ts';
import { createWhose, type Whose } from './whose.ts';

/** The state of one session, with the tools that act on it. */
export interface State extends MembersTools {
  readonly whose: Whose;
  readonly began: Began;
  readonly cover: Cover;
  config?: OnboardingConfig;
  /** The site's session has merely ended: nobody has signed out. */
  isOver?: boolean | undefined;
  launcher?: { go(): void; refuse(problem?: GuestErrorCode): void };
  isRefused?: boolean;
}

/** Does Messenger keep somebody else's conversation or tokens? Tokens that nobody wrote a tag for are somebody else's. */
export const isStrange = ({ whose, config, page }: State): boolean => {
  const { provider, started } = page.authentication ?? {};
  const tag = whose.read();
  if (tag) return !config?.member?.includes(tag);
  return provider !== 'taken' && (whose.hasTokens() || started?.authenticated === true);
};

export const createState = (tools: MembersTools): State => ({
  ...tools,
  whose: createWhose(tools.settings.deploymentId),
  began: createBegan(tools.settings.deploymentId, tools.signal),
  cover: createCover(tools.options.nonce),
});
