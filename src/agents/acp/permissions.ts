import type { PermissionOption, RequestPermissionRequest, RequestPermissionResponse } from '@agentclientprotocol/sdk';
import { insidePath } from './paths.ts';

/** Requests for permission in one turn, and the same one over and over, before the turn is ended. */
const MOST = 500;
const MOST_ALIKE = 30;

/** What an agent asks leave for, as far as policy cares. */
interface Asked {
  readonly kind: string;
  /** Relative paths; undefined stands for one outside the workspace. */
  readonly paths: readonly (string | undefined)[];
}

function askedIn({ toolCall }: RequestPermissionRequest, root: string): Asked {
  return {
    kind: toolCall.kind ?? 'other',
    paths: (toolCall.locations ?? []).map(({ path }) => insidePath(path, root)),
  };
}

type MayChange = (paths: readonly string[]) => Promise<{ readonly code: string } | undefined>;

/** Answers permission requests: the walls bound what an agent can do, policy what it may change. */
export class Permissions {
  readonly #mayChange: MayChange;
  readonly #root: string;
  readonly #alike = new Map<string, number>();
  asked = 0;
  refused = 0;

  constructor(mayChange: MayChange, root: string) {
    this.#mayChange = mayChange;
    this.#root = root;
  }

  /** Undefined when the agent has asked too often for the turn to go on. */
  async answer(request: RequestPermissionRequest): Promise<RequestPermissionResponse | undefined> {
    this.asked += 1;
    const asked = askedIn(request, this.#root);
    const alike = JSON.stringify([asked, request.toolCall.title ?? '']);
    const times = (this.#alike.get(alike) ?? 0) + 1;
    this.#alike.set(alike, times);
    if (this.asked > MOST || times > MOST_ALIKE) return undefined;
    const allowed = await this.#allows(asked);
    if (!allowed) this.refused += 1;
    return { outcome: chosen(request.options, allowed) };
  }

  async #allows({ kind, paths }: Asked): Promise<boolean> {
    if (kind !== 'edit' && kind !== 'delete' && kind !== 'move') return true;
    const within = paths.filter((path) => path !== undefined);
    if (within.length < paths.length) return false;
    return within.length === 0 || (await this.#mayChange(within)) === undefined;
  }
}

/** Once rather than for ever, so that each further request is asked again. */
function chosen(options: readonly PermissionOption[], allowed: boolean): RequestPermissionResponse['outcome'] {
  const order = allowed ? ['allow_once', 'allow_always'] : ['reject_once', 'reject_always'];
  const option = order.map((kind) => options.find((each) => each.kind === kind)).find((each) => each !== undefined);
  return option === undefined ? { outcome: 'cancelled' } : { outcome: 'selected', optionId: option.optionId };
}
