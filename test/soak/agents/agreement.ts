import { expect } from 'vitest';
import type { Place } from '../../agents/place.ts';

interface Call {
  readonly source: string;
  readonly cost_nano: number;
  readonly tokens: number;
  readonly output_tokens: number;
}
const CALLS = `select source, cost_nano, output_tokens, input_tokens + cache_read_tokens as tokens from model_call order by id`;

/** How many calls the gateway has on record, and how many of them are under way. */
export function callsOf(place: Place): { readonly all: number; readonly underWay: number } {
  const rows = place.rows<{ ended_at: number | null }>('select ended_at from model_call');
  return { all: rows.length, underWay: rows.filter((row) => row.ended_at === null).length };
}

/** What the provider billed, what the gateway has on record, and what the ledger charged are one figure. */
export function sameMoney(place: Place): { readonly calls: number; readonly tokens: number } {
  const calls = place.rows<Call>(CALLS);
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const billed = place.billed();
  expect(calls.every(({ source }) => source === 'reported')).toBe(true);
  expect(calls.length).toBe(billed.length);
  expect(sum(calls.map((each) => each.cost_nano))).toBe(sum(billed.map(({ nano }) => nano)));
  expect(sum(calls.map((each) => each.tokens))).toBe(sum(billed.map((each) => each.input + each.cacheRead)));
  const charges = place.rows<{ data: string }>(`select data from event where type = 'usage.charged'`);
  const charged = charges.find(({ data: text }) => !text.includes('"step"'));
  const data = JSON.parse(charged?.data ?? '{}') as Record<string, number>;
  expect(data['modelNano']).toBe(sum(billed.map(({ nano }) => nano)));
  expect(data['inputTokens']).toBe(sum(billed.map((each) => each.input + each.cacheRead)));
  expect(data['outputTokens']).toBe(sum(billed.map(({ output }) => output)));
  const [settled] = place.rows<{ n: number }>(`select sum(actual_nano) as n from ledger_entry where key like 'task_%'`);
  expect(settled?.n).toBe(data['costNano']);
  return { calls: calls.length, tokens: data['inputTokens'] ?? 0 };
}

/** How the agent's turn ended, and how its session had been taken up. */
export function turnOf(place: Place): { session: string; stop: string } {
  const [row] = place.rows<{ result: string }>(`select result from step where name = 'act:turn'`);
  return (JSON.parse(row?.result ?? '{}') as { done: { result: { session: string; stop: string } } }).done.result;
}
