import { type MessagePort, parentPort } from 'node:worker_threads';
import type { AdmittedModule, PluginCall } from '#plugins/ports.ts';
import type { CallState } from './call-state.ts';
import type { Engines } from './imports.ts';
import { runCall } from './run-call.ts';

/** What the supervisor posts; the compiled code of the module is shared, not copied. */
export interface WorkerJob {
  readonly kind: AdmittedModule['kind'];
  readonly module: WebAssembly.Module;
  readonly call: PluginCall;
}

if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  const answer = async (job: WorkerJob): Promise<void> => {
    const report = await runCall(job.module, job.kind, job.call, { engines });
    // The cast is true: output is always a copy with a buffer of its own.
    port.postMessage(report, report.ok ? [report.output.buffer as ArrayBuffer] : []);
  };
  port.on('message', (job: WorkerJob) => void answer(job));
}

/** Engines are loaded when first granted: a plugin that only computes pays for none of them. */
async function engines(call: PluginCall, state: CallState): Promise<Engines> {
  const { permissions, root } = call;
  const [fs, text, ast] = await Promise.all([
    permissions.fs_read.length > 0 && root !== null ? import('./host-fs.ts') : null,
    permissions.regex ? import('./host-text.ts') : null,
    permissions.ast ? import('./host-ast.ts') : null,
  ]);
  return {
    files: fs === null ? null : new fs.GrantedFiles({ state, root: root ?? '', globs: permissions.fs_read }),
    text: text === null ? null : new text.LinearText(state),
    trees: ast === null ? null : new ast.SyntaxTrees(state),
  };
}
