// The bootstrap script, as a page loads it: takes the snippet's place, reads the deployment, starts Messenger.
import { createBus } from './bus.ts';
import { type DeploymentConfig, loadDeployment, publicConfig } from './deployment.ts';
import { createDispatcher, drain } from './dispatcher.ts';
import { PRODUCTS, startProducts } from './products.ts';

interface Stub {
  readonly q?: readonly unknown[];
  readonly c?: { readonly deploymentId?: unknown; readonly environment?: unknown; readonly debug?: unknown };
}

const page = window as unknown as Record<string, unknown>;
const script = document.currentScript as HTMLScriptElement | null;
const LOADED = '_genesysEmulatorLoaded';

const start = () => {
  const name = typeof page['_genesysJs'] === 'string' ? page['_genesysJs'] : 'Genesys';
  const stub = page[name] as Stub | undefined;
  const deploymentId = stub?.c?.deploymentId;
  if (page[LOADED])
    return console.error('Genesys: genesys.min.js is on this page twice; the second does nothing');
  if (typeof deploymentId !== 'string' || !stub) {
    return console.error('Genesys: the deployment snippet must run before genesys.min.js');
  }
  page[LOADED] = true;
  const bus = createBus();
  const genesys = bus.plugin('GenesysJS');
  for (const product of PRODUCTS) bus.expect(product);
  const dispatch = createDispatcher(bus);
  page[name] = dispatch;

  let config: DeploymentConfig | undefined;
  genesys.registerCommand('configuration', (event) => {
    if (config) event.resolve(publicConfig(config));
    else event.reject('Deployment config is not available');
  });
  genesys.ready();

  const begin = async () => {
    const { origin } = new URL(script?.src ?? location.href);
    const loaded = await loadDeployment(origin, deploymentId);
    if (!loaded.allowed) {
      console.error(`Genesys: Messenger is not allowed on ${location.hostname}`);
      genesys.publish('domainNotAllowed', { domain: location.hostname });
      return;
    }
    config = loaded.config;
    genesys.data('configuration', publicConfig(config));
    genesys.data('deploymentConfig', config);
    genesys.republish('configurationReceived', { deploymentConfig: config, snippetConfig: stub.c });
    if (config.status !== 'Active') {
      console.error(`Genesys: deployment ${deploymentId} is not active`);
      return;
    }
    drain(stub.q ?? [], dispatch);
    startProducts(bus, origin, config);
  };
  begin().catch((error: unknown) => console.error('Genesys: the deployment cannot be loaded', error));
};

start();
