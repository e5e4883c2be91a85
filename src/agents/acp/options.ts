import type { Forwarder } from '../programs/inside.ts';
import type { FoundProgram } from '../programs/program.ts';

export interface AcpOptions {
  readonly program: FoundProgram;
  readonly forwarder: Forwarder;
  /** Since the run began, ms. */
  readonly wallMs: number;
  /** Bytes that the agent may say in one turn. */
  readonly outputBytes: number;
  /** Of Maestro, for the agent. */
  readonly version: string;
}
