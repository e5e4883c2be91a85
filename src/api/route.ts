import { z } from 'zod';
import type { ActionName } from '#domain/action.ts';

/** One request that programs may make. Where its path names a tenant, the action is asked for there, else for the installation. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
  Answers extends 'json' | 'text' | 'events' = 'json' | 'text' | 'events',
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with parameters in braces. */
  readonly path: string;
  readonly group: string;
  readonly summary: string;
  /** What policy is asked; `anyone` needs no key, `signed-in` no role. */
  readonly action: ActionName | 'anyone' | 'signed-in';
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Of the JSON answer, of the text, or of the data of one server-sent event. */
  readonly answer: Answer;
  readonly answers: Answers;
  readonly status: 200 | 201;
  /** No body is read at all. */
  readonly bodyless: boolean;
  /** The answer holds a secret, so it is not kept to be given again. */
  readonly secret: boolean;
}

const NOTHING = z.strictObject({});

type Row<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType, K> = Pick<
  Route<P, Q, B, A>,
  'method' | 'path' | 'group' | 'summary' | 'action' | 'answer'
> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answers?: K;
  readonly status?: Route['status'];
  readonly secret?: boolean;
};

/** A row of the table; what is left out is nothing, JSON and 200. */
export function route<
  A extends z.ZodType,
  P extends z.ZodType = typeof NOTHING,
  Q extends z.ZodType = typeof NOTHING,
  B extends z.ZodType = z.ZodUndefined,
  K extends Route['answers'] = 'json',
>(row: Row<P, Q, B, A, K>): Route<P, Q, B, A, K> {
  return {
    status: 200,
    secret: false,
    bodyless: row.body === undefined,
    ...row,
    // The casts are true: the defaults of the type parameters are this word and these schemas.
    answers: row.answers ?? ('json' as K),
    params: row.params ?? (NOTHING as unknown as P),
    query: row.query ?? (NOTHING as unknown as Q),
    body: row.body ?? (z.undefined() as unknown as B),
  };
}
