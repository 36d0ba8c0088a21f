// `GET /api/v2/webmessaging/messages`: the history of a session, newest first, for who has its JWT.
import { type Answer, json, refusal } from '../answer.ts';
import type { Session } from './sessions.ts';

const PAGE_SIZE = 25;
const LARGEST_PAGE = 100;

const whole = (text: string | null, otherwise: number): number => {
  const value = Number(text ?? otherwise);
  return Number.isInteger(value) && value >= 1 ? value : otherwise;
};

export const answerHistory = (session: Session | undefined, query: URLSearchParams): Answer => {
  if (session === undefined) return refusal({ status: 401, message: 'HTTP 401 Unauthorized' });
  const pageNumber = whole(query.get('pageNumber'), 1);
  const pageSize = Math.min(LARGEST_PAGE, whole(query.get('pageSize'), PAGE_SIZE));
  const { messages } = session;
  const end = Math.max(0, messages.length - (pageNumber - 1) * pageSize);
  const entities = messages.slice(Math.max(0, end - pageSize), end).reverse();
  const pageCount = Math.ceil(messages.length / pageSize);
  return json(200, { entities, pageSize, pageNumber, total: messages.length, pageCount });
};
