// The two public files of a deployment, which a page's Messenger reads before anything else.
import type { IncomingMessage } from 'node:http';
import { type Answer, json, methodNotAllowed, notFound } from './answer.ts';
import { isDeployment, type Settings } from './settings.ts';

const PUBLIC = { 'Access-Control-Allow-Origin': '*', 'Cache-Control': 'max-age=0, must-revalidate' };

export type DeploymentFile = 'domains' | 'config';

export const answerDeployment = (
  settings: Settings,
  req: IncomingMessage,
  id: string,
  file: DeploymentFile,
): Answer => {
  if (req.method !== 'GET' && req.method !== 'HEAD') return withCors(methodNotAllowed('GET, HEAD'));
  if (!isDeployment(settings, id)) return withCors(notFound());
  return json(200, file === 'domains' ? domains(settings) : config(settings, id, req), PUBLIC);
};

const withCors = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, ...PUBLIC } });

const domains = ({ allowedDomains }: Settings) => ({
  allowAllDomains: allowedDomains === undefined,
  allowedDomains: allowedDomains ?? [],
});

const config = (settings: Settings, id: string, { headers }: IncomingMessage) => ({
  id,
  version: '1',
  name: 'Emulated deployment',
  status: settings.deploymentStatus,
  languages: ['en-us'],
  defaultLanguage: 'en-us',
  apiEndpoint: `http://${headers.host}`,
  headlessMode: { enabled: settings.headless },
  messenger: {
    enabled: true,
    styles: { primaryColor: '#2454d6' },
    launcherButton: { visibility: settings.launcher },
    homeScreen: { enabled: false },
    apps: {
      conversations: {
        enabled: true,
        messagingEndpoint: `ws://${headers.host}`,
        conversationDisconnect: disconnect(settings),
        conversationClear: { enabled: settings.clearConversation },
        showAgentTypingIndicator: true,
        showUserTypingIndicator: false,
        autoStart: { enabled: false },
      },
    },
    fileUpload: { enableAttachments: false, modes: [] },
  },
  journeyEvents: { enabled: false },
  auth: { enabled: settings.auth !== 'off', allowSessionUpgrade: settings.auth === 'upgrade' },
  // For our own Messenger: how it is to behave where nobody knows how the real one does.
  emulator: unknownToPages(settings),
});

const disconnect = ({ conversationDisconnect }: Settings) =>
  conversationDisconnect === 'Off' ? { enabled: false } : { enabled: true, type: conversationDisconnect };

const unknownToPages = ({ unknown: { rejectedCode, tokensIn, databaseEmptied } }: Settings) => ({
  rejectedCode,
  tokensIn,
  databaseEmptied,
});
