import type { Gateway } from '#gateway/index.ts';

/** A gateway that can be served, and what keeps its promises while it runs. */
export interface OpenGateway {
  readonly gateway: Gateway;
  /** Bytes. */
  readonly maxBody: number;
  /** Gives the sign of life that its holds need; before the first call. */
  start(): Promise<void>;
  /** Until the signal aborts; then waits for answers under way and gives all holds back. */
  run(signal: AbortSignal): Promise<void>;
}

/** Starts the gateway for the runs of this process, when the first one asks; gives its address, to each who asks. */
export type ServeGateway = () => Promise<string>;
