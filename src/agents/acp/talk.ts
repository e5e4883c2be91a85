import {
  type AgentCapabilities,
  client,
  type ClientContext,
  methods,
  ndJsonStream,
  type PromptResponse,
  PROTOCOL_VERSION,
  RequestError,
  type SessionNotification,
  type Stream,
} from '@agentclientprotocol/sdk';
import type { SandboxTalk } from '#domain/sandbox.ts';
import { withoutOwnKeys } from '#kernel/own-keys.ts';
import type { RunContext, StepState } from '../runner.ts';
import { fileHandlers } from './files.ts';
import { Permissions } from './permissions.ts';
import type { Terminals } from './terminals.ts';

const AUTH_REQUIRED = -32_000;
const MOST_SAID = 4000;
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** What a conversation is held with. */
export interface TalkParts {
  readonly context: RunContext;
  readonly root: string;
  readonly terminals: Terminals;
  readonly state: StepState;
  /** Sign-in method to choose when the agent wants one. */
  readonly auth: string | undefined;
  readonly version: string;
  /** Called when the agent asks for permission without end. */
  readonly tooManyAsks: () => void;
}

/** One conversation with an agent: what it said and did, as far as it got. */
export class Talk {
  readonly permissions: Permissions;
  /** `anew`: a new one after an interruption, since the agent could not take up the one before. */
  session: 'new' | 'resumed' | 'loaded' | 'anew' | 'none' = 'none';
  calls = 0;
  #said = '';
  /** An agent that loads a session tells all of it again. */
  #replaying = false;
  readonly #parts: TalkParts;

  constructor(parts: TalkParts) {
    this.#parts = parts;
    this.permissions = new Permissions((paths) => parts.context.mayChange(paths), parts.root);
  }

  /** The last words. */
  get said(): string {
    return withoutOwnKeys(this.#said.trim());
  }

  /** Signs on, takes the session up or begins one, and has one prompt done. */
  async hold(talk: SandboxTalk, prompt: string, signal: AbortSignal): Promise<PromptResponse['stopReason']> {
    const stream: Stream = ndJsonStream(talk.input, talk.output, { maxMessageBytes: LARGEST_MESSAGE });
    return this.#app().connectWith(stream, async (agent) => {
      const { agentCapabilities: can = {} } = await agent.request(methods.agent.initialize, {
        protocolVersion: PROTOCOL_VERSION,
        clientInfo: { name: 'maestro-conductor', version: this.#parts.version },
        clientCapabilities: { fs: { readTextFile: true, writeTextFile: true }, terminal: true },
      });
      const sessionId = await this.#taken(agent, can);
      await this.#parts.state.remember(sessionId);
      signal.addEventListener('abort', () => {
        agent.notify(methods.agent.session.cancel, { sessionId }).catch(() => undefined);
      });
      const answer = await agent.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: 'text', text: prompt }],
      });
      return answer.stopReason;
    });
  }

  async #taken(agent: ClientContext, can: AgentCapabilities): Promise<string> {
    const { memo, again } = this.#parts.state;
    const place = { cwd: this.#parts.root, mcpServers: [] };
    if (memo !== undefined) {
      const takeUp = (): Promise<boolean> => this.#takenUp(agent, can, memo);
      const signedIn = (fault: unknown): Promise<boolean> => this.#signedIn(agent, fault, takeUp);
      const taken = await takeUp()
        .catch(signedIn)
        .catch((fault: unknown) => {
          // The agent has lost it: it begins anew, from the files as they stand.
          if (fault instanceof RequestError) return false;
          throw fault;
        });
      if (taken) return memo;
    }
    this.session = again ? 'anew' : 'new';
    const begin = (): Promise<{ readonly sessionId: string }> => agent.request(methods.agent.session.new, place);
    return (await begin().catch((fault: unknown) => this.#signedIn(agent, fault, begin))).sessionId;
  }

  async #takenUp(agent: ClientContext, can: AgentCapabilities, sessionId: string): Promise<boolean> {
    const request = { sessionId, cwd: this.#parts.root, mcpServers: [] };
    if (can.sessionCapabilities?.resume) {
      await agent.request(methods.agent.session.resume, request);
      this.session = 'resumed';
      return true;
    }
    if (can.loadSession !== true) return false;
    this.#replaying = true;
    try {
      await agent.request(methods.agent.session.load, request);
    } finally {
      this.#replaying = false;
    }
    this.session = 'loaded';
    return true;
  }

  async #signedIn<T>(agent: ClientContext, fault: unknown, again: () => Promise<T>): Promise<T> {
    const { auth } = this.#parts;
    if (!(fault instanceof RequestError) || fault.code !== AUTH_REQUIRED || auth === undefined) throw fault;
    await agent.request(methods.agent.authenticate, { methodId: auth });
    return again();
  }

  #app(): ReturnType<typeof client> {
    const { context, root, terminals, tooManyAsks } = this.#parts;
    const files = fileHandlers(context, root);
    return client({ name: 'maestro' })
      .onRequest(methods.client.session.requestPermission, async ({ params }) => {
        const answer = await this.permissions.answer(params);
        if (answer !== undefined) return answer;
        tooManyAsks();
        return { outcome: { outcome: 'cancelled' } };
      })
      .onNotification(methods.client.session.update, ({ params }) => this.#heard(params))
      .onRequest(methods.client.fs.readTextFile, ({ params }) => files.read(params))
      .onRequest(methods.client.fs.writeTextFile, ({ params }) => files.write(params))
      .onRequest(methods.client.terminal.create, ({ params }) => ({ terminalId: told(() => terminals.create(params)) }))
      .onRequest(methods.client.terminal.output, ({ params }) => told(() => terminals.output(params.terminalId)))
      .onRequest(methods.client.terminal.waitForExit, ({ params }) => told(() => terminals.wait(params.terminalId)))
      .onRequest(methods.client.terminal.kill, ({ params }) => {
        told(() => terminals.kill(params.terminalId));
        return {};
      })
      .onRequest(methods.client.terminal.release, async ({ params }) => {
        await told(() => terminals.release(params.terminalId));
        return {};
      });
  }

  #heard({ update }: SessionNotification): void {
    if (this.#replaying) return;
    if (update.sessionUpdate === 'tool_call') {
      this.calls += 1;
      this.#said = '';
    }
    if (update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text') {
      this.#said = (this.#said + update.content.text).slice(-MOST_SAID);
    }
  }
}

/** What the agent got wrong is told to it. */
function told<T>(act: () => T): T {
  try {
    return act();
  } catch (fault) {
    if (fault instanceof RangeError) throw RequestError.invalidParams(undefined, fault.message);
    throw fault;
  }
}
