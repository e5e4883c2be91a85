import { ByteReader, FeatureRefused } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Instruction, OP, readInstruction, valueType } from './instructions.ts';

const MOST_LOCALS = 10_000;
const I32 = 0x7f;
const I64_CONST = 0x42;
const I64_SUB = 0x7d;
const I64_ADD = 0x7c;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;

/** One change to a body: at byte `at`, first charge, then (for loops and entries) stop when the fuel is gone. */
interface Insertion {
  readonly at: number;
  readonly charge:
    | { readonly cost: number; readonly check: boolean }
    | { readonly bulk: NonNullable<Instruction['bulk']> };
}

export interface MeterTarget {
  /** Index of the global that holds the fuel left. */
  readonly fuel: number;
  /** Index of the global that counts this function's own fuel; null without profiling. */
  readonly profile: number | null;
  readonly parameters: number;
}

/**
 * Rewrites one function body so that it pays before it works: each straight run of instructions costs its length and
 * four for the counting, paid at its start; bulk work costs in proportion to its size. Fuel is checked where a run can repeat: entry and loop heads.
 */
export function meterFunction(body: Uint8Array, target: MeterTarget): Uint8Array {
  const reader = new ByteReader(body);
  const locals = readLocals(reader);
  const insertions = plan(reader, body, reader.pos);
  const needsTemporary = insertions.some((insertion) => 'bulk' in insertion.charge);
  const out = new ByteWriter(body.length * 2 + 32);
  out.u32(locals.groups.length + (needsTemporary ? 1 : 0));
  for (const group of locals.groups) out.u32(group.count).u8(group.type);
  if (needsTemporary) out.u32(1).u8(I32);
  let copied = locals.end;
  for (const { at, charge } of insertions) {
    out.raw(body.subarray(copied, at));
    copied = at;
    if ('bulk' in charge) payBulk(out, target, charge.bulk, target.parameters + locals.total);
    else pay(out, target, charge.cost, charge.check);
  }
  return out.raw(body.subarray(copied)).done();
}

function readLocals(reader: ByteReader): { groups: { count: number; type: number }[]; total: number; end: number } {
  let total = 0;
  const groups = reader.vector(MOST_LOCALS, 'locals', () => {
    const count = reader.u32();
    total += count;
    if (total > MOST_LOCALS) throw new FeatureRefused(`more than ${MOST_LOCALS} locals in a function`);
    return { count, type: valueType(reader.u8()) };
  });
  return { groups, total, end: reader.pos };
}

function plan(reader: ByteReader, body: Uint8Array, start: number): Insertion[] {
  const insertions: Insertion[] = [];
  let run = { at: start, slot: 0, cost: 0, check: true };
  insertions.push({ at: start, charge: { cost: 0, check: true } });
  const close = (): void => {
    insertions[run.slot] = { at: run.at, charge: { cost: run.cost, check: run.check } };
  };
  while (!reader.done) {
    const at = reader.pos;
    const instruction = readInstruction(reader);
    run.cost++;
    if (instruction.bulk !== null) insertions.push({ at, charge: { bulk: instruction.bulk } });
    if (!endsRun(instruction.op)) continue;
    close();
    if (reader.pos >= body.length) return insertions.filter(matters);
    run = { at: reader.pos, slot: insertions.length, cost: 0, check: instruction.op === OP.loop };
    insertions.push({ at: reader.pos, charge: { cost: 0, check: run.check } });
  }
  close();
  return insertions.filter(matters);
}

/** A conditional branch does not end a run: what it skips when taken is paid all the same. */
function endsRun(op: number): boolean {
  return op === OP.loop || op === OP.if || op === OP.else || op === OP.end;
}

function matters({ charge }: Insertion): boolean {
  return 'bulk' in charge || charge.cost > 0 || charge.check;
}

/** The counting itself is work too, and bounds how long little fuel can last in an empty loop. */
const COUNTING = 4;

function pay(out: ByteWriter, target: MeterTarget, work: number, check: boolean): void {
  const cost = work + COUNTING;
  if (target.profile !== null) {
    out.u8(GLOBAL_GET).u32(target.profile).u8(I64_CONST).s64(cost).u8(I64_ADD).u8(GLOBAL_SET).u32(target.profile);
  }
  out.u8(GLOBAL_GET).u32(target.fuel).u8(I64_CONST).s64(cost).u8(I64_SUB).u8(GLOBAL_SET).u32(target.fuel);
  if (check) stopWhenEmpty(out, target.fuel);
}

function payBulk(
  out: ByteWriter,
  target: MeterTarget,
  bulk: NonNullable<Instruction['bulk']>,
  temporary: number,
): void {
  const [shift, by] = 'right' in bulk ? [0x88, bulk.right] : [0x86, bulk.left]; // i64.shr_u, i64.shl
  out.u8(0x22).u32(temporary); // local.tee keeps the operand on the stack
  out.u8(GLOBAL_GET).u32(target.fuel);
  out.u8(0x20).u32(temporary).u8(0xad); // local.get, i64.extend_i32_u
  out.u8(I64_CONST).s64(by).u8(shift).u8(I64_SUB).u8(GLOBAL_SET).u32(target.fuel);
  stopWhenEmpty(out, target.fuel);
}

/** A trap, because guest code cannot catch one. */
function stopWhenEmpty(out: ByteWriter, fuel: number): void {
  out.u8(GLOBAL_GET).u32(fuel).u8(I64_CONST).s64(0).u8(0x53); // i64.lt_s
  out.raw([OP.if, 0x40, OP.unreachable, OP.end]);
}
