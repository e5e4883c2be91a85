import type { Clock, Millis } from '#kernel/clock.ts';
import type { Ids } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import type { NanoUsd } from '#kernel/money.ts';
import type { Random } from '#kernel/random.ts';
import type { Sealed, Tx } from '#kernel/sql.ts';
import type { AddedRepository, AddRequest, gitHttp, GitHttpOptions } from '#adapters/git/index.ts';
import type { SymmetricKey } from '#adapters/keys/index.ts';
import type { OidcLogin } from '#adapters/oidc/index.ts';
import type { Delivery, Reach } from '#adapters/webhook/index.ts';
import type { Store } from '#adapters/sql/index.ts';
import type { Git } from '#domain/git.ts';
import type { GitOid, PrincipalId, RepoId, TenantId } from '#domain/ids.ts';
import type { Sandbox, SandboxLimits } from '#domain/sandbox.ts';
import type { Task } from '#domain/task.ts';
import type { DataClass, Tenant } from '#domain/tenant.ts';
import type { TestAttempt, TestOutput, TestReport } from '#domain/test-report.ts';
import type {
  Chat,
  Environments,
  FoundProgram,
  ModelDoor,
  Plans,
  Runner,
  Workspace,
  WorkspaceFiles,
  Workspaces,
} from '#agents/index.ts';
import type { AuditPruned, EvidenceBook, Signer } from '#evidence/index.ts';
import type { TreeFiles, VerifyRequest } from '#exec/index.ts';
import type { ModelTable } from '#gateway/index.ts';
import type { GroupMap, TokenVerifier } from '#identity/index.ts';
import type { Journal, Outbox } from '#journal/index.ts';
import type { PolicyEngine } from '#policy/index.ts';
import type { Ledger, PooledQueue } from '#qos/index.ts';
import type { Forge, GitObjects, MergeResolver } from '#train/index.ts';
import type { OpenGateway, ServeGateway } from './gateway/open-gateway.ts';
import type { PluginDesk } from './plugin/desk.ts';

/** What this process is, as a place where tenants' work is done. */
interface WorkerIdentity {
  /** `<host>:<pid>:<random>`: never the same twice. */
  readonly owner: string;
  readonly host: string;
  readonly pid: number;
  /** Tells its process from every other; see processMark. */
  readonly mark: string;
  /** Such as `gpu=true`: it takes tasks that need no more than these. */
  readonly labels: readonly string[];
  readonly region: string;
  readonly dataClass: DataClass;
}

/** Every part of the system, built once by `wire.ts` and handed to whoever needs it. */
export interface House {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly store: Store;
  readonly worker: WorkerIdentity;
  /** Tasks that this process runs at the same time. */
  readonly workers: number;
  readonly policy: PolicyEngine;
  readonly queue: PooledQueue;
  readonly ledger: Ledger;
  readonly journal: Journal;
  /** Messages that are told to the outside after commit. */
  readonly outbox: Outbox;
  /** Whether alerts have somewhere to go beside the event stream. */
  readonly alertReceivers: { readonly webhook: boolean; readonly alertmanager: boolean };
  readonly git: Git;
  readonly objects: GitObjects & TreeFiles;
  readonly forge: Forge;
  readonly resolver: MergeResolver;
  readonly sandbox: Sandbox;
  readonly limits: SandboxLimits;
  readonly environments: Environments;
  readonly workspaces: Workspaces;
  /** The files of a workspace as the host reads and writes them for an agent. */
  filesOf(workspace: Pick<Workspace, 'dir'>): WorkspaceFiles;
  /** How runs reach models. */
  readonly models: ModelDoor & { servedBy(serve: ServeGateway): void };
  readonly chat: Chat;
  readonly plans: Plans;
  /** The models of the gateway file and what they cost. Throws NO_GATEWAY_FILE and what is wrong with file and prices. */
  modelTable(): Promise<ModelTable>;
  readonly runners: ReadonlyMap<string, Runner>;
  /** Agents of others, whether installed or not. */
  readonly programs: readonly FoundProgram[];
  readonly plugins: PluginDesk;
  readonly signer: Signer;
  readonly evidence: EvidenceBook;
  /** Links the events that are new to the audit chain, and has its hash signed and logged. */
  sealAudit(): Promise<void>;
  /** Drops what is older from the audit log, in the caller's transaction, and has what is gone signed. */
  pruneAudit(tx: Tx, before: Millis): Promise<AuditPruned | undefined>;
  /** How long the audit log is kept; undefined: for ever. */
  readonly auditKeepMs: number | undefined;
  /** How often the audit chain is sealed. */
  readonly auditSealEveryMs: number;
  /** Proves exactly one tree by the repository's own tests. */
  readonly verify: { test(request: VerifyRequest, signal: AbortSignal): Promise<TestReport> };
  /** What tests printed; undefined once it is kept no more. */
  readonly testOutputs: { find(tenant: TenantId, attempt: TestAttempt): Promise<TestOutput | undefined> };
  readonly imports: {
    add(request: AddRequest): Promise<AddedRepository>;
    /** Where an origin leads, as seen from this machine. */
    reachOf(origin: string): Promise<Reach>;
  };
  /** What is built or proved once and used again. */
  readonly caches: {
    /** How long it is kept after its last use. */
    readonly keepMs: number;
    evictEnvironments(what: {
      readonly before: Millis;
      readonly now: Millis;
      readonly inUse: ReadonlySet<string>;
    }): Promise<{ readonly gone: number; readonly faults: readonly string[] }>;
    evictResults(before: Millis): Promise<number>;
  };
  /** Ends programs whose Maestro died without ending them; gives their pids. */
  endOrphans(): Promise<readonly number[]>;
  /** Removes the files of tests and builds that were killed, made before then; gives how many trees went. */
  sweepTrees(before: Millis): Promise<number>;
  /** Refuses new work when the disk is nearly full; what was admitted goes on. */
  readonly disk: { admit(): Promise<void>; low(): Promise<boolean> };
  /** Tells the queue of a task that SQL says is queued. */
  enqueue(task: Task): Promise<void>;
  /** What contents of tenants are stored with; `shred` ends a tenant's for good, `rotate` and `rewrap` change the master key. */
  readonly dataKeys: {
    seal(value: Sealed): string;
    shred(owner: TenantId): void;
    rotate(): number;
    rewrap(old: readonly SymmetricKey[]): number;
  };
  /** Deletes the folders of one tenant: repositories, environments. */
  removeTenantFolders(tenant: Pick<Tenant, 'id' | 'ordinal'>): Promise<void>;
  /** Bare repository of a tenant on disk. */
  repoDir(repo: RepoId): string;
  /** The difference between two commits as the bytes that evidence names by digest. */
  patch(repo: RepoId, from: GitOid, to: GitOid): Promise<Uint8Array>;
  /** Serves the repositories over smart HTTP below `/git/`. */
  gitHttp(authorise: GitHttpOptions['authorise']): ReturnType<typeof gitHttp>;
  /** Password of the git clients; a secret. */
  readonly gitToken: string;
  /** Keyed hash under which secrets of keys and sessions are kept (HMAC-SHA-256, hex). */
  secretHash(secret: string): string;
  /** How webhooks are told: messages that wait, and the way out. */
  readonly webhooks: {
    readonly outbox: Outbox;
    requireAddress(url: string): void;
    deliver(delivery: Delivery, signal: AbortSignal): Promise<void>;
  };
  /** Tokens and sign-in of the company's identity provider, where one is set, and what its groups give. */
  readonly tokens?: TokenVerifier;
  readonly login?: OidcLogin;
  readonly groups: GroupMap;
  readonly random: Random;
  /** The conductor's own principal. */
  readonly system: PrincipalId;
  /** Account name of whoever started this process. */
  readonly user: string;
  readonly version: string;
  readonly tenantDefaults: Omit<Tenant, 'id' | 'ordinal'>;
  /** Longest time that an override may be asked for. */
  readonly overrideLongestMs: number;
  /** How often a person is reminded of a change that waits. */
  readonly remindEveryMs: number;
  /** Part of each budget that only hi may use, in [0, 1). */
  readonly hiReserve: number;
  /** The downshift ladder: part of a budget that may go at any time, and what is kept from lo at the end. */
  readonly ladder: { readonly burst: number; readonly lowNano: NanoUsd };
  /** Plans of agent work, requested first, each with the part of the bound that it may cost. */
  readonly budgetPlans: readonly { readonly id: string; readonly part: number }[];
  /** Objectives: their period, when a wait makes others give way (part of the target), and how long work is left alone first. */
  readonly slo: { readonly periodMs: number; readonly preemptAfter: number; readonly quantumMs: number };
  /** Most that one run may cost unless the task says less: a recipe's whole wall time, an agent's setting. */
  readonly bounds: { readonly recipeNano: NanoUsd; readonly agentNano: NanoUsd };
  /** Longest time that the steps of one run may take together. */
  readonly runWallMs: number;
  /** Landings on one branch that are tested at the same time, each on top of the one ahead. */
  readonly landingDepth: number;
  /** Price of one worker slot for an hour. */
  readonly slotNanoPerHour: NanoUsd;
  readonly leaseMs: number;
  /** True when there is a gateway file. */
  readonly hasGateway: boolean;
  /** The gateway of this process; it lives until its `run` ends. Throws NO_GATEWAY_FILE and what is wrong with the file. */
  openGateway(): Promise<OpenGateway>;
  /** How long a model key lives unless it is said. */
  readonly keyLifeMs: number;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Names of the server beside localhost and addresses. */
    readonly names: readonly string[];
    /** Where people reach it, when that is not where it listens. */
    readonly publicUrl?: string;
    /** How long a browser stays signed in. */
    readonly sessionMs: number;
    readonly requestsPerMinute: { readonly perKey: number; readonly perStranger: number };
  };
  /** What the system is connected to, for people: `{ store: 'SQLite .maestro/maestro.db', ... }`. */
  readonly engines: { readonly [engine: string]: string };
}
