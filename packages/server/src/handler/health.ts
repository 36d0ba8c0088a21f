// `GET /health`, where the site has asked for it: how this instance is, for probes and people who have its secret.
import { bearerToken } from '../members/bearer.ts';
import { isOneOf } from '../members/compare.ts';
import type { Tokens } from '../tokens/token-service.ts';
import { type Answer, json, unauthorized } from './answers.ts';
import type { HttpRequest } from './ports.ts';

export const createHealth =
  (secrets: readonly string[], service: Pick<Tokens, 'health'>) =>
  (request: HttpRequest): Answer => {
    const token = bearerToken(request);
    if (token === undefined || !isOneOf(token, secrets)) return unauthorized;
    const health = service.health();
    return { ...json(JSON.stringify(health), undefined), status: health.ready ? 200 : 503 };
  };
