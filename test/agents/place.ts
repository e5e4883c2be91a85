import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GREETING, json, maestro, repository } from '../e2e/maestro.ts';
import { rowsIn } from '../engines/sealed-rows.ts';

const MAESTRO = fileURLToPath(new URL('../../bin/maestro.js', import.meta.url));
const PRICES = { small: { input: 1, output: 4, cacheRead: 0.1 }, large: { input: 10, output: 40, cacheRead: 1 } };

/** What the double of the providers says, turn by turn. */
export interface Turn {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: object }[];
}
export type Rules = readonly { readonly contains: string; readonly model?: string; readonly turns: readonly Turn[] }[];

/** A data directory with a tenant and a repository, a double of providers, and the product's own programs on them. */
export class Place {
  readonly dir = mkdtempSync(join(tmpdir(), 'maestro-place-'));
  readonly data = join(this.dir, 'data');
  readonly invoice = join(this.dir, 'invoice.jsonl');
  /** Address of the double. */
  double = '';
  readonly #running: ChildProcess[] = [];
  readonly env: NodeJS.ProcessEnv = { MAESTRO_LEASE: '1500ms', MAESTRO_HEARTBEAT: '500ms', MAESTRO_LOG_LEVEL: 'error' };

  /** `auto`: the ladder, cheapest first. */
  static async make(rules: Rules, auto: readonly string[] = ['small']): Promise<Place> {
    const place = new Place();
    mkdirSync(place.data);
    const file = (name: string, content: object): string => {
      writeFileSync(join(place.dir, name), JSON.stringify(content));
      return join(place.dir, name);
    };
    const texts = Object.entries(PRICES).map(([name, price]) => [
      name,
      Object.fromEntries(Object.entries(price).map(([kind, dollars]) => [kind, String(dollars)])),
    ]);
    const script = file('script.json', { rules });
    const list = file('list.json', Object.fromEntries(texts) as object);
    const files = ['--script', script, '--prices', list, '--invoice', place.invoice];
    const double = await place.start(['gateway', 'double', '--port', '0', ...files]);
    place.double = double.url;
    const provider = { api: 'openai-compatible', url: `${double.url}/v1`, region: 'local', dataClass: 'restricted' };
    const model = (name: string) => ({ targets: [`double/${name}`], contextWindow: 200_000 });
    const gateway = { providers: { double: provider }, models: { small: model('small'), large: model('large') }, auto };
    writeFileSync(join(place.data, 'gateway.yaml'), JSON.stringify(gateway));
    writeFileSync(join(place.data, 'prices.json'), JSON.stringify({ prices: { double: PRICES } }));
    writeFileSync(join(place.data, 'config.yaml'), 'gateway.prices: prices.json\n');
    return place;
  }

  /** One tenant, and a small repository whose tests pass. */
  async tenant(files: { readonly [path: string]: string } = GREETING): Promise<void> {
    mkdirSync(join(this.dir, 'source'));
    await repository(join(this.dir, 'source'), files);
    await this.must(['tenant', 'add', 'one', '--budget-usd', '20']);
    await this.must(['repo', 'add', '--tenant', 'one', '--name', 'greet', join(this.dir, 'source')]);
  }

  async must(args: readonly string[]): Promise<void> {
    const { code, stderr } = await maestro(this.data, args, this.env);
    if (code !== 0) throw new Error(`maestro ${args.join(' ')} ended with ${code}: ${stderr}`);
  }

  async submit(agent: string, prompt: string, more: readonly string[] = []): Promise<Submitted> {
    const args = ['submit', '--tenant', 'one', '--repo', 'greet', '--agent', agent, '--prompt', prompt, ...more];
    return json<Submitted>(this.data, args);
  }

  work(env: NodeJS.ProcessEnv = {}): ReturnType<typeof maestro> {
    return maestro(this.data, ['worker', '--until-idle'], { ...this.env, ...env });
  }

  /** What a program of the product that stays says first. */
  async startLine(args: readonly string[]): Promise<{ readonly [name: string]: string }> {
    return (await this.start(args)).line;
  }

  /** A program of the product that stays; resolves with its first line. */
  async start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<{ url: string; line: { readonly [name: string]: string }; child: ChildProcess }> {
    const child = spawn(process.execPath, [MAESTRO, ...args, '--data-dir', this.data], {
      env: { ...process.env, ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.pipe(process.stderr, { end: false });
    this.#running.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('\n')) resolve(text);
      });
      child.on('exit', (code) => reject(new Error(`maestro ${args.join(' ')} ended with ${code}`)));
    });
    const first = JSON.parse(line.split('\n')[0] ?? '') as { readonly [name: string]: string };
    return { url: first['url'] ?? '', line: first, child };
  }

  rows<T>(query: string): readonly T[] {
    return this.rowsOf(this.data)<T>(query);
  }

  /** Questions to the database of any data directory. */
  rowsOf(data: string): <T>(query: string) => readonly T[] {
    return <T>(query: string): readonly T[] => rowsIn<T>(data, query);
  }

  /** What the double billed, call by call. */
  billed(): readonly {
    readonly nano: number;
    readonly input: number;
    readonly cacheRead: number;
    readonly output: number;
  }[] {
    const lines = readFileSync(this.invoice, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as ReturnType<Place['billed']>[number]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await Promise.race([
        new Promise((resolve) => child.once('exit', resolve)),
        new Promise((resolve) => setTimeout(resolve, 5000)),
      ]);
      child.kill('SIGKILL');
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export interface Submitted {
  readonly task: string;
  readonly state: string;
  readonly reasons: readonly { readonly code: string; readonly msg: string }[];
  readonly costUsd: number;
}
