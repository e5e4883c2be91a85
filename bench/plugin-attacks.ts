import { readdirSync, readFileSync } from 'node:fs';
import { ATTACKS } from '../test/plugins/attacks/index.ts';
import { NONE as NOTHING, reactor, wat } from '../test/plugins/wat.ts';
import { Lab } from '../test/plugins/attacks/lab.ts';
import { mutate } from '../test/plugins/attacks/mutations.ts';
import { swapRace } from '../test/plugins/attacks/swap-race.ts';
import { type BenchResult, type BenchRow, benchResult, median, target } from './result.ts';

const MUTATIONS = 10_000;
const RACES = 10_000;
const CAP = 64 * 1024 * 1024;
const MIB = 1024 * 1024;
const SPIN = reactor('(loop $l (br $l)) (i64.const 0)');
/** Takes all the memory and table that it can get and touches every page. */
const HOG = reactor(
  `(loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
   (memory.fill (i32.const 0) (i32.const 7) (i32.mul (memory.size) (i32.const 65536)))
   (drop (table.grow $t (ref.null func) (i32.const 65000)))
   (loop $spin (br $spin)) (i64.const 0)`,
  '(table $t 1 funcref)',
);

/** Every attack of the table, the race, the mutated modules, and how fast and within what memory abuse is stopped. */
export async function run({ seed }: { seed: number }): Promise<BenchResult> {
  const lab = new Lab();
  try {
    const rows = await attackRows(lab);
    const race = await swapRace(lab, RACES);
    rows.push({ row: 3, name: 'names swapped with links', ...race, held: race.outside === 0 });
    const mutated = await mutate(lab, MUTATIONS, seed);
    rows.push({
      row: null,
      name: 'mutated modules',
      ...mutated,
      held: mutated.crashes === 0 && lab.untouched() && (await lab.alive()),
    });
    const stops = await measureStops(lab);
    const memory = await measureMemory();
    rows.push({ row: 6, name: 'time to stop, ms', ...stops }, { row: 5, name: 'resident memory, MiB', ...memory });
    const rowsHeld = new Set(
      rows.filter(({ row, held }) => typeof row === 'number' && held !== undefined).map(({ row }) => row),
    );
    const fallen = new Set(rows.filter(({ naiveSucceeds }) => naiveSucceeds === true).map(({ row }) => row));
    if (race.naiveFalls) fallen.add(3);
    return benchResult({
      bench: 'plugin-attacks',
      seed,
      rows,
      targets: [
        target('attacks that were not stopped as expected', rows.filter(({ held }) => held === false).length, '=', 0),
        target(
          'naive loaders that the attack failed on',
          rows.filter(({ naiveSucceeds }) => naiveSucceeds === false).length,
          '=',
          0,
        ),
        target('rows of the table covered by this bench', rowsHeld.size, '>=', 25),
        target('rows where a naive loader falls', fallen.size, '>=', 25),
        target('mutated modules', mutated.modules, '>=', 10_000),
        target('crashes of the process by mutated modules', mutated.crashes, '=', 0),
        target('swap races', race.tries, '>=', 10_000),
        target('reads outside in swap races', race.outside, '=', 0),
        target('ms to stop a spin of 1e8 fuel, median', stops.fuelMedian, '<=', 100),
        target('ms beyond the deadline, worst', stops.beyondDeadlineWorst, '<=', 50),
        target('MiB of growth beyond the cap', memory.growthBeyondCap, '<=', 64),
        target('MiB of its own memory in all, beyond the cap', memory.ownBeyondCap, '<=', 64),
      ],
    });
  } finally {
    await lab.close();
  }
}

async function attackRows(lab: Lab): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { row, name, naive, attack, expect } of ATTACKS) {
    const naiveSucceeds = naive === undefined ? null : await naive(lab);
    const { code } = await attack(lab);
    rows.push({
      row,
      name,
      code,
      expect,
      naiveSucceeds,
      held: code === expect && lab.untouched() && (await lab.alive()),
    });
  }
  return rows;
}

async function measureStops(lab: Lab): Promise<{ fuelMedian: number; fuelWorst: number; beyondDeadlineWorst: number }> {
  const fuel: number[] = [];
  const beyond: number[] = [];
  const spin = await wat(SPIN);
  const permissions = NOTHING;
  await lab.run(spin, { permissions });
  for (let i = 0; i < 7; i++) {
    // Counted from the moment when the guest begins until nothing of it runs any more.
    const spent = await lab.run(spin, { permissions, limits: { fuel: 100_000_000 } });
    fuel.push(spent.report?.wallMs ?? NaN);
    const late = await lab.run(spin, { permissions, limits: { fuel: 9e15, wall_ms: 200 } });
    beyond.push((late.report?.wallMs ?? NaN) - 200);
    // The worker that was ended is replaced meanwhile; its start is not what is measured.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return {
    fuelMedian: round(median(fuel)),
    fuelWorst: round(Math.max(...fuel)),
    beyondDeadlineWorst: round(Math.max(...beyond)),
  };
}

interface MemoryRow {
  readonly idleOwn: number;
  readonly peakOwn: number;
  readonly peakAll: number;
  readonly growthBeyondCap: number;
  readonly ownBeyondCap: number;
}

/** One process of its own, so that nothing else is in its memory; looked at while the guest holds all that it got. In MiB. */
async function measureMemory(): Promise<MemoryRow> {
  const lab = new Lab(1);
  try {
    await lab.run(SPIN, { permissions: NOTHING, limits: { fuel: 1000 } });
    const idle = resident(lab.runner.pids);
    let peak = idle;
    const call = lab.run(HOG, { permissions: NOTHING, limits: { fuel: 1e15, memory_bytes: CAP, wall_ms: 1500 } });
    for (let i = 0; i < 25; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = resident(lab.runner.pids);
      if (now.own > peak.own) peak = now;
    }
    await call;
    const beyond = (own: number): number => round(own - CAP / MIB);
    return {
      idleOwn: idle.own,
      peakOwn: peak.own,
      peakAll: peak.all,
      growthBeyondCap: beyond(peak.own - idle.own),
      ownBeyondCap: beyond(peak.own),
    };
  } finally {
    await lab.close();
  }
}

/** Resident memory of the processes and all below them, in MiB: their own, and with the pages of files that all share. */
function resident(roots: readonly number[]): { own: number; all: number } {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((each) => /^\d+$/.test(each))) {
    const stat = readOrEmpty(`/proc/${name}/stat`);
    parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const below = (pid: number): boolean => roots.includes(pid) || (parents.has(pid) && below(parents.get(pid) ?? 0));
  const statuses = [...parents.keys()].filter(below).map((pid) => readOrEmpty(`/proc/${pid}/status`));
  const sum = (name: string): number =>
    round(
      statuses.reduce((total, text) => total + Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1] ?? 0), 0) / 1024,
    );
  return { own: sum('RssAnon'), all: sum('VmRSS') };
}

/** Empty when the process has ended meanwhile. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
