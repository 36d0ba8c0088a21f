// The demo's three ways to have the chat, each under a path and on a Messenger deployment of its own.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { genesysGuest } from '@genesys-guest/server';
import { identify } from './server.js';

/** By the page's `?mode=`: where it is mounted. The first is the site's own. */
const MOUNTS = { guests: '/chat', members: '/chat-members', alone: '/chat-alone' };
const MEMBERS_DEPLOYMENT = 'demo-members';
const ALONE_DEPLOYMENT = 'demo-alone';

/**
 * Mounts signed-in members and Messenger alone beside the site's guest tokens.
 *
 * @param {object} demo
 * @param {import('express').Express} demo.app the site
 * @param {import('@genesys-guest/server').GenesysGuest} demo.guest its guest tokens
 * @param {import('@genesys-guest/emulator').Emulator} demo.emulator
 * @param {string} demo.url where the site listens: the provider's issuer begins with it
 * @returns what closes them
 */
export const addModes = ({ app, guest, emulator, url }) => {
  const client = { clientId: 'demo-messenger', clientSecret: randomBytes(32).toString('base64url') };
  const issuer = `${url}${MOUNTS.members}/oidc`;
  const members = genesysGuest({
    tokens: guest.tokens,
    webchatId: MEMBERS_DEPLOYMENT,
    identify,
    members: { issuer, ...client, signingKeys: [newKey()] },
  });
  // What an administrator enters in Genesys Cloud.
  emulator.setOidc({ discoveryUri: `${issuer}/.well-known/openid-configuration`, ...client });
  const alone = genesysGuest({
    region: 'eu-west-1',
    source: 'none',
    webchatId: ALONE_DEPLOYMENT,
    endpoints: emulator.endpoints,
    secrets: [randomBytes(32).toString('base64url')],
    identify,
  });
  app.use(MOUNTS.members, members);
  app.use(MOUNTS.alone, alone);
  app.locals.mounts = MOUNTS;
  app.get('/agent', agentView(emulator));
  return () => Promise.all([members.close(), alone.close()]);
};

/** What the agent of the newest conversation that goes on in a mode sees: what is proven, and what anybody could have written. */
const agentView = (emulator) => (req, res) => {
  const deployments = { members: MEMBERS_DEPLOYMENT, alone: ALONE_DEPLOYMENT };
  const deployment = deployments[String(req.query.mode)] ?? 'demo-deployment';
  const newest = emulator
    .conversations()
    .findLast(({ deploymentId, connections }) => deploymentId === deployment && connections > 0);
  res.set('Cache-Control', 'no-store').json(newest ? { proven: newest.proven, said: newest.said } : {});
};

/** A site keeps its key; `npx genesys-guest members` makes one. */
const newKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
