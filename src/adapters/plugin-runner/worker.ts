import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { MEMORY_IMPORT } from '#domain/plugin-abi.ts';
import type { AdmittedModule, CallMeters, CallReport, GuestMemorySize } from '#plugins/ports.ts';
import { ArrivingInput } from './arriving-input.ts';
import { readFrame, writeFrame } from './blocking-frames.ts';
import type { CallState } from './call-state.ts';
import { SIGNAL } from './frames.ts';
import { GuestMemories } from './guest-memory.ts';
import type { Engines } from './imports.ts';
import { writePieces } from './lane.ts';
import { type LoadedModule, runCall } from './run-call.ts';
import { giveUpUrgency } from './priority.ts';
import { Watch } from './watch.ts';
import { laneFds, lostCall, type WireCall, type WireReport, type WorkerStart } from './wire.ts';

// The cast is true: the supervisor starts this thread with it.
if (parentPort !== null) await serve(parentPort, workerData as WorkerStart);

/** Takes frames of its lane one after the other, for ever. It waits in the system call: no other thread is woken for a call. */
async function serve(supervisor: MessagePort, { lane, watch: memory }: WorkerStart): Promise<void> {
  const { control, input, output } = laneFds(lane);
  const modules = new Map<string, SizedModule>();
  const memories = new GuestMemories();
  const watch = new Watch(memory);
  giveUpUrgency();
  writeFrame(control, { type: 'ready' });
  for (let frame = readFrame(control); frame !== null; frame = readFrame(control)) {
    const { type, ...head } = frame.head;
    if (type === 'forget') modules.delete(String(head['digest']));
    if (type === 'module') {
      // The cast is true: frames come from our own parent, whose type this is.
      const sent = head as unknown as SentModule;
      modules.set(sent.digest, load(sent, frame.bytes));
    }
    if (type !== 'call') continue;
    // The cast is true for the same reason.
    const call = head as unknown as WireCall;
    const loaded = modules.get(call.digest);
    if (loaded === undefined) {
      // Sent to the worker before this one, which was just being ended.
      writeFrame(control, { type: 'report', seq: call.seq, report: lostCall('RUNNER_LOST', 'it was never sent') });
      continue;
    }
    const open = await loadEngines(call);
    const source = new ArrivingInput({ length: call.inputLength, file: input, control, awaited: call.inputFollows });
    if (watch.begin(call.seq, call.limits.wall_ms)) supervisor.postMessage('look');
    const report = runCall(loaded, call, source, () => memories.take(call.digest, loaded.memory), open);
    source.settle();
    if (report.ok) writePieces(output, report.output, () => writeSync(control, SIGNAL));
    writeFrame(control, { type: 'report', seq: call.seq, report: wireReport(report, watch.end()) });
    if (report.ok && call.inputFollows) memories.keep();
    else memories.drop();
  }
  process.kill(process.pid, 'SIGKILL'); // the other side is gone
}

type SentModule = Pick<AdmittedModule, 'kind' | 'memory'> & { readonly digest: string };
type SizedModule = LoadedModule & { readonly memory: GuestMemorySize };

function load({ digest, kind, memory }: SentModule, bytes: Uint8Array): SizedModule {
  if (createHash('sha256').update(bytes).digest('hex') !== digest) throw new Error('module and digest differ');
  const module = new WebAssembly.Module(bytes);
  const namespaces = WebAssembly.Module.imports(module).map((each) => each.module);
  const imports = new Set(namespaces.filter((namespace) => namespace !== MEMORY_IMPORT.module));
  return { kind, module, memory, imports };
}

/** Engines are loaded when first granted: a plugin that only computes pays for none of them. */
async function loadEngines({ permissions, root }: WireCall): Promise<(state: CallState) => Engines> {
  const [fs, text, ast] = await Promise.all([
    permissions.fs_read.length > 0 && root !== null ? import('./host-fs.ts') : null,
    permissions.regex ? import('./host-text.ts') : null,
    permissions.ast ? import('./host-ast.ts') : null,
  ]);
  return (state) => ({
    files: fs === null ? null : new fs.GrantedFiles({ state, root: root ?? '', globs: permissions.fs_read }),
    text: text === null ? null : new text.LinearText(state),
    trees: ast === null ? null : new ast.SyntaxTrees(state),
  });
}

function wireReport(report: CallReport, wallMs: number): WireReport {
  if (!report.ok) return { ...report, wallMs };
  const { fuel, memoryBytes, hostCalls, bytesRead, refusals, log, profile, output } = report;
  const meters: CallMeters = { fuel, wallMs, memoryBytes, hostCalls, bytesRead, refusals, log };
  return { ...meters, ...(profile === undefined ? {} : { profile }), ok: true, outputLength: output.length };
}
