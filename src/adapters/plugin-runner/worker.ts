import { type MessagePort, parentPort } from 'node:worker_threads';
import type { CallMeters, CallReport } from '#plugins/ports.ts';
import type { CallState } from './call-state.ts';
import type { Engines } from './imports.ts';
import { runCall } from './run-call.ts';
import { laneFds, READY, STARTED, type WireCall, type WireReport, type WorkerJob } from './worker-job.ts';
import { readFully, writeFully } from './lane.ts';

if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  let buffer = new Uint8Array(64 * 1024);
  const answer = async ({ module, kind, call }: WorkerJob): Promise<void> => {
    const open = await loadEngines(call);
    const { input, output } = laneFds(call.lane);
    // One buffer for all calls; a guest sees only what is copied into it.
    if (buffer.length < call.inputLength) buffer = new Uint8Array(call.inputLength * 2);
    const bytes = readFully(input, buffer.subarray(0, call.inputLength));
    port.postMessage(STARTED);
    const report = runCall(module, kind, { ...call, input: bytes }, open);
    if (report.ok) writeFully(output, report.output);
    const wire: WireReport = report.ok ? { ...metersOf(report), ok: true, outputLength: report.output.length } : report;
    port.postMessage(wire);
  };
  port.on('message', (job: WorkerJob) => void answer(job));
  port.postMessage(READY);
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

function metersOf({ fuel, wallMs, memoryBytes, hostCalls, bytesRead, refusals, log, profile }: CallReport): CallMeters {
  const meters = { fuel, wallMs, memoryBytes, hostCalls, bytesRead, refusals, log };
  return profile === undefined ? meters : { ...meters, profile };
}
