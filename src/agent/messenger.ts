import { formatPrefix } from "../base/ip.ts";
import type { Config } from "../config/config.ts";
import type { NotifyConfig } from "../config/notify-config.ts";
import type {
  CheckOutput,
  GroupFacts,
  InstanceFacts,
  NotifiedEvent,
  Occurrence,
} from "../notify/notification.ts";
import type { ServiceThread } from "../service/service-thread.ts";
import { type RouterStateName, stateName } from "../vrrp/state.ts";
import type { GroupEvent, InstanceEvent } from "./events.ts";
import type { Instance } from "./instance.ts";
import type { SyncGroup } from "./sync-groups.ts";

/** Lets people know: hands what happens to the service thread, which decides whom it concerns. */
export class Messenger {
  readonly #thread: () => ServiceThread;
  #node = "";
  #config: NotifyConfig | undefined;

  /** `thread` starts the service thread where there is none. */
  constructor(thread: () => ServiceThread) {
    this.#thread = thread;
  }

  configure({ routerId, notify }: Config): void {
    this.#node = routerId;
    // Channels that a reload took away have to be closed too.
    const wanted = notify ?? (this.#config && { ...this.#config, channels: [] });
    if (wanted) this.#thread().configureNotify(wanted);
    this.#config = wanted;
  }

  /** `checks` is what the trackers of the instance said last, failed ones first. */
  report(instance: Instance, event: InstanceEvent, checks: () => readonly CheckOutput[]): void {
    const notified = notifiedEvent(event, { checks, state: stateName(instance.router.state) });
    if (notified) this.#tell({ instance: factsOf(instance) }, notified);
  }

  reportGroup(group: SyncGroup, event: GroupEvent, checks: () => readonly CheckOutput[]): void {
    const { name, state, members } = group;
    const facts: GroupFacts = {
      name,
      instances: members.map(({ config }) => config.name),
      addresses: members.flatMap(({ keeper }) => keeper.addresses.map(formatPrefix)),
    };
    const notified = notifiedEvent(event, { checks, state });
    if (notified) this.#tell({ instance: null, group: facts }, notified);
  }

  serviceThreadRestarted(why: string): void {
    this.#tell({ instance: null }, { kind: "service-thread-restarted", why });
  }

  #tell(about: Pick<Occurrence, "instance" | "group">, event: NotifiedEvent): void {
    if (!this.#config) return;
    this.#thread().tell({ at: new Date().toISOString(), node: this.#node, ...about, event });
  }
}

function factsOf({ config, keeper, router }: Instance): InstanceFacts {
  return {
    name: config.name,
    virtualRouterId: config.router.virtualRouterId,
    interfaceName: config.interfaceName,
    addresses: keeper.addresses.map(formatPrefix),
    priority: router.priority,
    ...(config.syncGroup === undefined ? {} : { syncGroup: config.syncGroup }),
  };
}

/** Undefined for what only the journal needs, and for what an outsider could cause as often as he likes. */
function notifiedEvent(
  event: InstanceEvent | GroupEvent,
  { checks, state }: { readonly checks: () => readonly CheckOutput[]; readonly state: RouterStateName },
): NotifiedEvent | undefined {
  switch (event.kind) {
    case "transition":
    case "group-transition":
      return { ...event, checks: checks() };
    case "settled":
      return { ...event, state };
    // A transition that follows from them names them.
    case "tracker-changed":
    case "tracker-warning":
    case "priority-changed":
    case "handing-over":
    case "interval-learned":
    case "packet-refused":
    case "packet-remarked":
    case "send-failed":
      return undefined;
    default:
      return event;
  }
}
