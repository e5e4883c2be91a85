#!/usr/bin/env node
// A small agent that speaks ACP v1 line by line and behaves as its prompt says, well or badly. It calls no model.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const waiting = new Map();
let ids = 0;
const ask = (method, params) =>
  new Promise((resolve) => {
    const id = `a${++ids}`;
    waiting.set(id, resolve);
    send({ id, method, params });
  });
const STATE = `${process.env.HOME}/sessions`;
const say = (sessionId, text) =>
  send({
    method: 'session/update',
    params: { sessionId, update: { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } } },
  });

const permission = (sessionId, kind, path, title = 'edit') =>
  ask('session/request_permission', {
    sessionId,
    toolCall: { toolCallId: `t${ids}`, title, kind, status: 'pending', locations: [{ path }] },
    options: [
      { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
      { optionId: 'no', name: 'Reject', kind: 'reject_once' },
    ],
  });

const BEHAVIOURS = {
  edit: () => writeFileSync('src/greet.js', readFileSync('src/greet.js', 'utf8').replace('Hello', 'Hi')),
  claim: (id) => say(id, 'I have changed everything as you asked.'),
  outside: () => {
    for (const path of ['/etc/passwd', '/opt/x', '../escape', '/usr/bin/x']) {
      try {
        writeFileSync(path, 'x');
      } catch {}
    }
    writeFileSync('src/greet.js', 'export const greet = (name) => `Hello, ${name}`;\n');
  },
  nogit: () => {
    rmSync('.git', { recursive: true });
    BEHAVIOURS.edit();
  },
  daemon: () => {
    spawn('sh', ['-c', `setsid sh -c 'sleep ${process.env.HOME.length + 591}.77 & sleep 591.77' >/dev/null 2>&1 &`], {
      detached: true,
      stdio: 'ignore',
    }).unref();
    BEHAVIOURS.edit();
  },
  flood: async (id) => {
    for (;;) {
      say(id, 'x'.repeat(100_000));
      await new Promise((resolve) =>
        process.stdout.writableNeedDrain ? process.stdout.once('drain', resolve) : setImmediate(resolve),
      );
    }
  },
  garbage: () => {
    process.stdout.write(`${'not json at all '.repeat(3_000_000)}`);
    return new Promise(() => {});
  },
  asks: async (id) => {
    for (;;) await permission(id, 'edit', '/workspace/src/greet.js');
  },
  polite: async (id) => {
    const answers = [];
    for (const path of ['/workspace/src/greet.js', '/workspace/secret.txt', '/etc/passwd']) {
      const { result } = await permission(id, 'edit', path);
      answers.push(result.outcome.optionId);
    }
    writeFileSync('answers.json', JSON.stringify(answers));
  },
  client: async (id) => {
    const read = await ask('fs/read_text_file', { sessionId: id, path: '/workspace/src/greet.js' });
    const out = await ask('fs/read_text_file', { sessionId: id, path: '/etc/passwd' });
    await ask('fs/write_text_file', { sessionId: id, path: '/workspace/deep/new.txt', content: read.result.content });
    const denied = await ask('fs/write_text_file', { sessionId: id, path: '/workspace/secret.txt', content: 'x' });
    const { result } = await ask('terminal/create', { sessionId: id, command: 'echo', args: ['from terminal'] });
    const { result: exit } = await ask('terminal/wait_for_exit', { sessionId: id, terminalId: result.terminalId });
    const { result: output } = await ask('terminal/output', { sessionId: id, terminalId: result.terminalId });
    await ask('terminal/release', { sessionId: id, terminalId: result.terminalId });
    const gone = await ask('terminal/output', { sessionId: id, terminalId: result.terminalId });
    writeFileSync(
      'seen.json',
      JSON.stringify({
        out: out.error?.code,
        denied: denied.error?.message,
        exit: exit.exitCode,
        output: output.output,
        gone: gone.error?.code,
      }),
    );
  },
  die: () => {
    BEHAVIOURS.edit();
    process.stderr.write('segmentation fault, more or less\n');
    process.exit(139);
  },
  hang: () => new Promise(() => {}),
  // Keeps no session, so that nothing is there to be taken up.
  forgetful: (id) => BEHAVIOURS.slow(id, false),
  slow: async (id, keeps = true) => {
    // Half of the work, then waits until it is taken up again.
    if (!existsSync('half.txt')) {
      writeFileSync('half.txt', 'half');
      if (keeps) appendFileSync(STATE, `${id}\n`);
      await new Promise(() => {});
    }
    writeFileSync('whole.txt', `${readFileSync('half.txt', 'utf8')} and whole, ${resumed ? 'resumed' : 'new'}`);
  },
  net: async () => {
    const tried = [];
    for (const url of ['http://192.0.2.1/', 'http://127.0.0.1:8123/', process.env.GATEWAY]) {
      tried.push(
        await fetch(url, { signal: AbortSignal.timeout(3000) }).then(
          (answer) => answer.status,
          (fault) => fault.cause?.code ?? fault.name,
        ),
      );
    }
    writeFileSync('net.json', JSON.stringify(tried));
  },
};

let resumed = false;
const METHODS = {
  initialize: () => ({
    protocolVersion: 1,
    agentCapabilities: { loadSession: false, sessionCapabilities: { resume: {} } },
  }),
  'session/new': () => ({ sessionId: `s${Date.now()}` }),
  'session/resume': ({ sessionId }) => {
    if (!existsSync(STATE) || !readFileSync(STATE, 'utf8').includes(sessionId)) throw new Error('no such session');
    resumed = true;
    return {};
  },
  'session/prompt': async ({ sessionId, prompt }) => {
    const word = /BEHAVE:(\w+)/.exec(prompt[0].text)?.[1] ?? 'claim';
    await BEHAVIOURS[word](sessionId);
    return { stopReason: word === 'refuse' ? 'refusal' : 'end_turn' };
  },
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const message = JSON.parse(line);
  if (message.method === undefined) return waiting.get(message.id)?.(message);
  if (message.id === undefined) return;
  try {
    send({ id: message.id, result: await METHODS[message.method](message.params) });
  } catch (fault) {
    send({ id: message.id, error: { code: -32002, message: String(fault) } });
  }
});
