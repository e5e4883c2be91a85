import type { SlotMs, VirtualTime, Weight } from '#kernel/virtual-time.ts';
import { virtualSpan } from '#kernel/virtual-time.ts';
import type { TenantId } from '#domain/ids.ts';
import { QosError } from './errors.ts';
import { Heap } from './heap.ts';
import type { QueuedJob, Served, TenantCount, TenantRemoval } from './ports.ts';
import { charge, compareTags, dispatched, lift, servedBefore } from './tags.ts';

interface Tenant {
  readonly tenant: TenantId;
  w: Weight;
  F: VirtualTime;
  served: Served;
  readonly waiting: Heap<Entry>;
  running: number;
}

interface Entry {
  readonly job: QueuedJob;
  readonly tenant: Tenant;
  /** Order of arrival, kept when the job is requeued. */
  readonly seq: number;
  /** Slot-milliseconds charged for the present run; undefined while it waits. */
  charged: number | undefined;
}

// The cast is true: 0 is an integer.
const START = 0 as VirtualTime;

function compareEntries(a: Entry, b: Entry): number {
  if (a.job.priority !== b.job.priority) return a.job.priority === 'hi' ? -1 : 1;
  return a.seq - b.seq;
}

function isServed(entry: Entry | undefined): entry is Entry {
  return (
    entry !== undefined &&
    (entry.tenant.served === 'all' || (entry.tenant.served === 'hi' && entry.job.priority === 'hi'))
  );
}

/** The order of service in memory, without leases or time: O(log n) for each call but `position` and `counts`. Tags: tags.ts. */
export class FairQueue {
  readonly #estimate: SlotMs;
  readonly #tenants = new Map<TenantId, Tenant>();
  /** Tenants whose head may be served: the active set. */
  readonly #backlogged = new Heap<Tenant>(compareTags);
  readonly #entries = new Map<string, Entry>();
  #V = START;
  #seq = 0;

  /** `estimate`: what a dispatch charges until more is known; at least 1, small against the jobs. */
  constructor(options: { readonly estimate: SlotMs }) {
    if (options.estimate < 1)
      throw new RangeError('a dispatch that charges nothing would give every slot to one tenant');
    this.#estimate = options.estimate;
  }

  setWeight(id: TenantId, w: Weight): void {
    const tenant = this.#tenants.get(id);
    if (tenant) tenant.w = w;
    else {
      const waiting = new Heap<Entry>(compareEntries);
      this.#tenants.set(id, { tenant: id, w, F: START, served: 'all', waiting, running: 0 });
    }
  }

  setServed(id: TenantId, served: Served): void {
    const tenant = this.#known(id);
    tenant.served = served;
    this.#place(tenant);
  }

  removeTenant(id: TenantId): TenantRemoval {
    const tenant = this.#tenants.get(id);
    const [waiting, running] = [tenant?.waiting.size ?? 0, tenant?.running ?? 0];
    if (waiting + running > 0) return { kind: 'has_work', waiting, running };
    this.#tenants.delete(id);
    return { kind: 'removed' };
  }

  /** False when the id is here already. */
  enqueue(job: QueuedJob): boolean {
    const tenant = this.#known(job.tenant);
    if (this.#entries.has(job.id)) return false;
    const entry: Entry = { job, tenant, seq: ++this.#seq, charged: undefined };
    this.#entries.set(job.id, entry);
    tenant.waiting.push(entry);
    this.#place(tenant);
    return true;
  }

  /** Takes the next job in order and charges its tenant the estimate. */
  dispatch(): QueuedJob | undefined {
    const tenant = this.#backlogged.peek();
    const entry = tenant?.waiting.pop();
    if (!tenant || !entry) return undefined;
    this.#V = dispatched(this.#V, tenant.F);
    tenant.running++;
    entry.charged = 0;
    this.#correct(entry, this.#estimate);
    return entry.job;
  }

  /** Cost so far of a running job; what was charged before is never given back here. False when it does not run. */
  charge(id: string, cost: SlotMs): boolean {
    const entry = this.#entries.get(id);
    if (entry?.charged === undefined) return false;
    if (cost > entry.charged) this.#correct(entry, cost);
    return true;
  }

  settle(id: string, cost: SlotMs): boolean {
    const entry = this.#entries.get(id);
    if (entry?.charged === undefined) return false;
    entry.tenant.running--;
    this.#entries.delete(id);
    this.#correct(entry, cost);
    return true;
  }

  requeue(id: string, cost: SlotMs): boolean {
    const entry = this.#entries.get(id);
    if (entry?.charged === undefined) return false;
    entry.tenant.running--;
    this.#correct(entry, cost);
    entry.charged = undefined;
    entry.tenant.waiting.push(entry);
    this.#place(entry.tenant);
    return true;
  }

  remove(id: string): boolean {
    const entry = this.#entries.get(id);
    if (!entry || entry.charged !== undefined) return false;
    this.#entries.delete(id);
    entry.tenant.waiting.delete(entry);
    this.#place(entry.tenant);
    return true;
  }

  /** Whether the job waits or runs. */
  has(id: string): boolean {
    return this.#entries.has(id);
  }

  /** What a running job is charged so far, in slot-milliseconds. */
  charged(id: string): number | undefined {
    return this.#entries.get(id)?.charged;
  }

  position(id: string): number | undefined {
    const entry = this.#entries.get(id);
    if (!isServed(entry) || entry.charged !== undefined) return undefined;
    const { tenant } = entry;
    const ahead = [...tenant.waiting.values()].filter((other) => compareEntries(other, entry) < 0).length;
    const step = virtualSpan(this.#estimate, tenant.w);
    // The cast is true: both terms are integers.
    const at = { tenant: tenant.tenant, F: (tenant.F + ahead * step) as VirtualTime };
    let before = ahead;
    for (const other of this.#backlogged.values()) {
      if (other === tenant) continue;
      const waiting = [...other.waiting.values()].filter(isServed).length;
      before += servedBefore(other, waiting, virtualSpan(this.#estimate, other.w), at);
    }
    return before;
  }

  counts(): readonly TenantCount[] {
    return [...this.#tenants.values()]
      .map(({ tenant, waiting, running }) => ({ tenant, waiting: waiting.size, running }))
      .sort((a, b) => (a.tenant < b.tenant ? -1 : 1));
  }

  #known(id: TenantId): Tenant {
    const tenant = this.#tenants.get(id);
    if (!tenant) throw new QosError('TENANT_UNKNOWN', `the queue knows no tenant ${id}`, { tenant: id });
    return tenant;
  }

  #correct(entry: Entry, cost: SlotMs): void {
    const { tenant } = entry;
    tenant.F = charge(tenant.F, tenant.w, cost, entry.charged ?? 0);
    entry.charged = cost;
    this.#place(tenant);
  }

  /** Puts the tenant where its tag and its head belong: in, out, or elsewhere in the active set. */
  #place(tenant: Tenant): void {
    const active = this.#backlogged.has(tenant);
    if (!isServed(tenant.waiting.peek())) this.#backlogged.delete(tenant);
    else if (active) this.#backlogged.update(tenant);
    else {
      tenant.F = lift(tenant.F, this.#V);
      this.#backlogged.push(tenant);
    }
  }
}
