// Problem details (RFC 9457) as the server sends them, and which field each belongs to.
import type { Next, PlanRef } from './types';

export interface FieldError {
  location: string;
  message: string;
  value?: unknown;
}

export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  errors?: FieldError[];
  price?: number;
  balance?: number;
  missing?: number;
  limit?: number;
  next?: Next | null;
  plan?: PlanRef | null;
  plans?: PlanRef[] | null;
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: ProblemBody;

  constructor(status: number, body: ProblemBody) {
    super(body.detail || body.title || `The server answered with status ${status}.`);
    this.name = 'Problem';
    this.status = status;
    this.code = body.code ?? codeOf(status);
    this.body = body;
  }
}

/** A server that could not be reached at all is a problem too, with status 0. */
export function unreachable(): Problem {
  return new Problem(0, {
    code: 'unreachable',
    detail: 'The studio cannot reach the server. Check the connection and try again.',
  });
}

function codeOf(status: number): string {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'busy';
  return status >= 500 ? 'internal' : 'bad_request';
}

/** "body.negative_prompt" and "body.items[0].width" name the fields "negative_prompt" and "width". */
export function fieldOf(location: string): string {
  const parts = location.split('.').filter((part) => part !== '' && part !== 'body' && part !== 'query');
  const last = parts[parts.length - 1] ?? '';
  return last.replace(/\[\d+\]$/, '');
}

/**
 * Sorts a problem's messages onto the fields a form shows. What belongs to no shown field
 * goes into `rest`, so that no message is ever lost; a problem without field errors puts
 * its detail there.
 */
export function fieldErrors(
  problem: ProblemBody,
  shown: readonly string[],
): { fields: Record<string, string>; rest: string[] } {
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const error of problem.errors ?? []) {
    const field = fieldOf(error.location ?? '');
    const message = sentence(error.message);
    if (!shown.includes(field)) rest.push(message);
    else if (fields[field] === undefined) fields[field] = message;
    else fields[field] += ` ${message}`;
  }
  if ((problem.errors ?? []).length === 0) {
    rest.push(problem.detail || problem.title || 'Something went wrong.');
  }
  return { fields, rest };
}

/** Messages arrive in lower case from validators; people read sentences. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') return 'This value is not accepted.';
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}
