import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Place } from './place.ts';

// The official client of the protocol against both ways of serving it.

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
let place: Place;
beforeAll(async () => {
  place = await Place.make([]);
  await place.tenant();
  await place.must(['tenant', 'add', 'two', '--budget-usd', '1']);
});
afterAll(() => place[Symbol.asyncDispose]());

type Told = { content: { text: string }[]; isError?: boolean };
async function tell(client: Client, name: string, args: Record<string, unknown>) {
  const answer = (await client.callTool({ name, arguments: args })) as unknown as Told;
  const text = answer.content[0]?.text ?? '';
  return {
    failed: answer.isError === true,
    text,
    value: (/^[[{]/.test(text) ? JSON.parse(text) : text) as Record<string, unknown>,
  };
}

async function overStdio(tenant: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const args = [MAESTRO, 'mcp', '--tenant', tenant, '--data-dir', place.data];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
  return client;
}

const RENAME = { recipe: 'rename-api', params: { from: 'greet', to: 'welcome' } };

describe('an assistant over MCP', () => {
  it('submits, follows and audits a task over standard input and output', async () => {
    const client = await overStdio('one');

    const names = (await client.listTools()).tools.map(({ name }) => name);
    const submitted = await tell(client, 'submit', { repo: 'greet', ...RENAME });
    const wrong = await tell(client, 'submit', { repo: 'nowhere', ...RENAME });
    const named = { repo: 'greet', agent: 'native', prompt: 'Say it simply' };
    const unknown = await tell(client, 'submit', { ...named, model: 'larg' });
    const needless = await tell(client, 'submit', { repo: 'greet', ...RENAME, model: 'large' });
    const worked = await place.work();
    const done = await tell(client, 'status', { task: submitted.value['task'] });
    const model = await tell(client, 'submit', { ...named, model: 'large' });
    const newest = await tell(client, 'status', {});
    const evidence = await tell(client, 'evidence', { task: submitted.value['task'] });
    const tests = await tell(client, 'tests', { task: submitted.value['task'] });
    const plugin = await tell(
      client,
      names.find((name) => name.startsWith('plugin_') && name.includes('json'))!,
      {
        schema: { type: 'object' },
        instances: [{}],
      },
    );
    await client.close();

    expect(names).toEqual(expect.arrayContaining(['submit', 'status', 'tests', 'evidence']));
    expect(names.filter((name) => name.startsWith('plugin_')).length).toBe(3);
    expect(submitted.value).toMatchObject({ state: 'queued', tenant: 'one' });
    expect(wrong).toMatchObject({ failed: true, value: { code: 'REPO_UNKNOWN' } });
    expect(model.value).toMatchObject({ state: 'queued', model: 'large' });
    expect(unknown).toMatchObject({ failed: true, value: { code: 'WORK_INVALID' } });
    expect(unknown.text).toContain('nearest first: large, small');
    expect(needless.text).toContain('a recipe needs no model');
    expect(worked.code).toBe(0);
    expect(done.value).toMatchObject({ state: expect.stringMatching(/landed|no_change|needs_human|failed/) });
    expect(newest.text).toContain(String(submitted.value['task']));
    expect(evidence.text).toContain('decision-card');
    expect(tests.value).toMatchObject([{ tested: 'base', outcome: 'passed', attempts: [{ exitCode: 0 }] }, {}, {}]);
    expect(plugin.failed).toBe(false);
  });

  it('reaches it by HTTP with the token, and sees nothing of other tenants', async () => {
    const served = await place.startLine(['mcp', '--tenant', 'two', '--http']);
    const connect = async (token: string): Promise<Client> => {
      const client = new Client({ name: 'test', version: '1' });
      const requestInit = { headers: { authorization: `Bearer ${token}` } };
      await client.connect(new StreamableHTTPClientTransport(new URL(served['url'] ?? ''), { requestInit }));
      return client;
    };

    const client = await connect(served['token'] ?? '');
    const newest = await tell(client, 'status', {});
    const [first] = place.rows<{ id: string }>('select id from task');
    const foreign = await tell(client, 'status', { task: first?.id ?? 'task_none' });
    const foreignTests = await tell(client, 'tests', { task: first?.id ?? 'task_none' });
    await client.close();

    expect(newest.value).toEqual([]);
    expect(foreignTests).toMatchObject({ failed: true, value: { code: 'TASK_UNKNOWN' } });
    expect(foreign).toMatchObject({ failed: true, value: { code: 'TASK_UNKNOWN' } });
    await expect(connect('wrong')).rejects.toThrow();
  });
});
