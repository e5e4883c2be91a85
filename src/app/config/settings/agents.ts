import { integer, set, size, text } from '../setting.ts';

/** Agents: whoever does a task with a model. */
export const AGENT_SETTINGS = Object.freeze({
  'agents.file': set({
    kind: text,
    default: 'agents.yaml',
    text: 'File that connects agents beside those that are known by themselves; in the data directory unless absolute.',
    example: '/etc/maestro/agents.yaml',
  }),
  'agent.steps': set({
    kind: integer({ min: 1, max: 1000 }),
    default: 80,
    text: 'Calls of its model that one attempt of the native agent may make.',
    example: '40',
  }),
  'agent.output': set({
    kind: size,
    default: 16 * 2 ** 20,
    text: 'Bytes that tools of the native agent may print in one attempt, and that another agent may say in one turn.',
    example: '64MiB',
  }),
  'agent.answerTokens': set({
    kind: integer({ min: 256, max: 128_000, unit: 'tokens' }),
    default: 8192,
    text: 'Tokens that one answer to the native agent may have.',
    example: '16384',
  }),
});
