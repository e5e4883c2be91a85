import type { CallFailure, Limits, Refusal } from '#plugins/ports.ts';

/** Thrown out of a host call to unwind the guest; the reason stands in the call's state, since the guest could hide a throw. */
export class GuestStopped extends Error {}

const FUEL_PER_HOST_CALL = 100;
const MOST_LOG_BYTES = 64 * 1024;
const MOST_REFUSALS = 100;

/** Everything that one call has used and why it must stop. A failure is final: fuel drops below zero and every later host call throws. */
export class CallState {
  readonly limits: Limits;
  failure: { readonly code: CallFailure; readonly message: string } | null = null;
  hostCalls = 0;
  bytesRead = 0;
  readonly refusals: Refusal[] = [];
  readonly log: string[] = [];
  #logBytes = 0;
  #memory: WebAssembly.Memory | null = null;
  #fuel: WebAssembly.Global | null = null;
  /** Bytes that the last host call holds for `take`. */
  held: Uint8Array = new Uint8Array();

  constructor(limits: Limits) {
    this.limits = limits;
  }

  attach(memory: WebAssembly.Memory, fuel: WebAssembly.Global): void {
    this.#memory = memory;
    this.#fuel = fuel;
    fuel.value = BigInt(this.limits.fuel);
  }

  get fuelLeft(): number {
    return this.#fuel === null ? this.limits.fuel : Number(this.#fuel.value);
  }

  get memoryBytes(): number {
    return this.#memory?.buffer.byteLength ?? 0;
  }

  /** Ends the instance. */
  stop(code: CallFailure, message: string): never {
    this.failure ??= { code, message };
    if (this.#fuel !== null) this.#fuel.value = -1n;
    throw new GuestStopped(code);
  }

  /** Counts one host call; called first by each of them. */
  enter(): void {
    if (this.failure !== null) throw new GuestStopped(this.failure.code);
    if (++this.hostCalls > this.limits.host_calls)
      this.stop('HOSTCALL_QUOTA', `more than ${this.limits.host_calls} host calls`);
    this.spend(FUEL_PER_HOST_CALL);
  }

  spend(fuel: number): void {
    if (this.#fuel === null) return;
    const left = Number(this.#fuel.value) - fuel;
    this.#fuel.value = BigInt(left);
    if (left < 0) this.stop('FUEL', `more than ${this.limits.fuel} fuel`);
  }

  /** The guest's bytes, without a copy; valid until the guest runs again. */
  view(pointer: number, length: number): Uint8Array {
    const from = pointer >>> 0;
    const size = length >>> 0;
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || from + size > buffer.byteLength)
      this.stop('ABI_RANGE', `range ${from}+${size} is outside the memory`);
    this.spend(size >>> 3);
    return new Uint8Array(buffer, from, size);
  }

  /** The guest's text; null when it is not UTF-8 or longer than `most` bytes. */
  text(pointer: number, length: number, most = 4096): string | null {
    const bytes = this.view(pointer, length);
    if (bytes.length > most) return null;
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return null;
    }
  }

  hold(bytes: Uint8Array): number {
    this.held = bytes;
    this.spend(bytes.length >>> 3);
    return bytes.length;
  }

  refuse(code: Refusal['code'], what: string, answer: number): number {
    if (this.refusals.length < MOST_REFUSALS) this.refusals.push({ code, what: what.slice(0, 200) });
    return answer;
  }

  read(bytes: number): void {
    this.bytesRead += bytes;
    if (this.bytesRead > this.limits.read_bytes)
      this.stop('FS_BYTES_QUOTA', `more than ${this.limits.read_bytes} bytes read`);
  }

  write(line: string): void {
    this.#logBytes += line.length;
    if (this.#logBytes > MOST_LOG_BYTES) this.stop('LOG_QUOTA', `more than ${MOST_LOG_BYTES} bytes of log`);
    this.log.push(line);
  }
}
