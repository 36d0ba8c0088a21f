// Reads the two public files of a Messenger deployment, as the page's Messenger does before anything else.
import { z } from 'zod';

const deployment = z.object({
  status: z.string().optional(),
  headlessMode: z.object({ enabled: z.boolean().optional() }).nullish(),
  messenger: z
    .object({
      enabled: z.boolean().optional(),
      launcherButton: z.object({ visibility: z.string().optional() }).nullish(),
    })
    .nullish(),
});

export type Deployment = z.infer<typeof deployment>;

const domains = z.object({
  allowAllDomains: z.boolean().optional(),
  allowedDomains: z.array(z.string()).nullish(),
});

export type Domains = z.infer<typeof domains>;

const parsed = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

/** `undefined` where the text is not what the platform serves. */
export const readDeployment = (text: string): Deployment | undefined => parsed(deployment, text);
export const readDomains = (text: string): Domains | undefined => parsed(domains, text);

/** As Messenger compares: host names alone, and a domain stands for what is below it, too. */
export const isDomainAllowed = ({ allowAllDomains, allowedDomains }: Domains, hostname: string): boolean =>
  allowAllDomains === true ||
  (allowedDomains ?? []).some((domain) => {
    const wanted = domain.toLowerCase();
    return hostname === wanted || hostname.endsWith(`.${wanted}`);
  });
