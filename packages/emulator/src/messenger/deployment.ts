// The two public files of the deployment, read from where the script itself came from.

export interface DeploymentConfig {
  readonly id: string;
  readonly status: string;
  readonly headlessMode?: { readonly enabled?: boolean };
  readonly apiEndpoint?: string;
  readonly auth?: { readonly enabled?: boolean; readonly allowSessionUpgrade?: boolean };
  /** What nobody knows of the real Messenger, as the emulator was told to have it. */
  readonly emulator?: {
    readonly rejectedCode?: 'anonymous' | 'nothing';
    readonly tokensIn?: 'page' | 'platform';
    readonly databaseEmptied?: boolean;
  };
  readonly messenger: {
    readonly apps?: {
      readonly conversations?: {
        readonly messagingEndpoint?: string;
        readonly conversationClear?: { readonly enabled?: boolean };
        readonly conversationDisconnect?: { readonly enabled?: boolean; readonly type?: string };
      };
    };
    readonly styles?: { readonly primaryColor?: string };
    readonly launcherButton?: { readonly visibility?: string };
  };
}

interface Domains {
  readonly allowAllDomains: boolean;
  readonly allowedDomains: readonly string[];
}

export type Loaded =
  | { readonly allowed: false }
  | { readonly allowed: true; readonly config: DeploymentConfig };

/** @throws where a file cannot be had */
export const loadDeployment = async (origin: string, id: string): Promise<Loaded> => {
  const files = `${origin}/webdeployments/v1/deployments/${encodeURIComponent(id)}`;
  if (!isAllowed(await read<Domains>(`${files}/domains.json`), location.hostname)) return { allowed: false };
  return { allowed: true, config: await read<DeploymentConfig>(`${files}/config.json`) };
};

const read = async <T>(url: string): Promise<T> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as T;
};

/** Host names alone are compared, without scheme and port; a domain stands for its subdomains, too. */
const isAllowed = ({ allowAllDomains, allowedDomains }: Domains, hostname: string): boolean =>
  allowAllDomains ||
  allowedDomains.some((domain) => {
    const wanted = domain.toLowerCase();
    return hostname === wanted || hostname.endsWith(`.${wanted}`);
  });

/** What pages get to see of it: without what concerns the platform's own look. */
export const publicConfig = (config: DeploymentConfig): unknown => {
  const { styles, launcherButton, ...messenger } = config.messenger;
  return { ...config, messenger };
};
