import { join } from "node:path";
import { afterEach, describe, expect } from "vitest";
import type { Notification } from "../../src/notify/notification.ts";
import { Receiver } from "../notify/receiver.ts";
import { Cloudvip } from "./cloudvip.ts";
import type { Host } from "./host.ts";
import type { Lab } from "./lab.ts";
import { labTestNeeding } from "./lab-test.ts";
import { listenOn } from "./listen.ts";
import { waitFor } from "./wait-for.ts";

const labTest = labTestNeeding("built");
const VIP = "10.77.1.1/32";

let receivers: Receiver[] = [];

afterEach(async () => {
  await Promise.all(receivers.map((receiver) => receiver.close()));
  receivers = [];
});

/** A host whose agent tells a webhook on the same host everything. */
class TellingNode {
  readonly host: Host;
  readonly receiver: Receiver;
  readonly #lab: Lab;
  agent: Cloudvip | undefined;

  private constructor(lab: Lab, host: Host, receiver: Receiver) {
    this.#lab = lab;
    this.host = host;
    this.receiver = receiver;
  }

  static async open(lab: Lab, name: string): Promise<TellingNode> {
    const host = await lab.host(name);
    const receiver = await Receiver.behind(await listenOn(host));
    receivers.push(receiver);
    return new TellingNode(lab, host, receiver);
  }

  start(peer: Host, priority: number): Cloudvip {
    const ops = { type: "webhook", url: this.receiver.url(), min_severity: "info", secret: "s1gn1ng" };
    const conf = {
      global_defs: { router_id: this.host.name },
      vrrp_instance: {
        V1: {
          interface: this.host.interfaceName,
          virtual_router_id: 51,
          priority,
          advert_int: 0.1,
          unicast_src_ip: this.host.address,
          unicast_peer: [peer.address],
          virtual_ipaddress: [VIP],
        },
      },
      notify: {
        spool_directory: join(this.#lab.directory, `spool-${this.host.name}`),
        channels: { ops },
      },
    };
    this.agent = Cloudvip.start(this.#lab, this.host, JSON.stringify(conf), { format: "yaml" });
    return this.agent;
  }

  /** What the receiver was told, copies included. */
  told(): readonly Notification[] {
    return this.receiver.received.flatMap(({ body }) => JSON.parse(body).notifications);
  }

  toldOf(what: string, matches: (notification: Notification) => boolean): Promise<Notification> {
    return waitFor(() => this.told().find(matches), { what, seen: () => this.agent?.log().slice(-3_000) });
  }
}

const becameMaster = ({ event }: Notification) => event.kind === "transition" && event.to === "MASTER";

describe("an agent with a webhook", () => {
  labTest("tells who had the address before, why it took over, and how long that took", async ({ lab }) => {
    const [a, b] = [await TellingNode.open(lab, "a"), await TellingNode.open(lab, "b")];
    await a.start(b.host, 150).waitForState("MASTER");
    await b.start(a.host, 100).waitForState("BACKUP");
    await waitFor(async () => ((await b.agent?.counters())?.advertsReceived ?? 0) > 3, {
      what: "b to hear a",
    });
    await a.agent?.kill();

    const takeover = await b.toldOf("b's takeover", becameMaster);
    const serving = await b.toldOf("b to serve", ({ event }) => event.kind === "serving");

    expect(takeover).toMatchObject({
      version: 1,
      node: "b",
      severity: "critical",
      incident: "open",
      instance: { name: "V1", virtualRouterId: 51, addresses: [VIP] },
      event: {
        reason: { kind: "took-over", cause: "master-silent" },
        previousOwner: { address: a.host.address, priority: 150 },
      },
    });
    expect(serving.event).toMatchObject({ phases: { detect: expect.any(Number), bind: expect.any(Number) } });
  });

  labTest("that is killed between takeover and delivery delivers after its restart", async ({ lab }) => {
    const [a, b] = [await TellingNode.open(lab, "a"), await TellingNode.open(lab, "b")];
    // Nobody answers, and the attempt is given up at its deadline at the earliest.
    a.receiver.answers(() => {});
    await a.start(b.host, 150).waitForState("MASTER");
    const takeover = await a.toldOf("an attempt to tell the takeover", becameMaster);
    await a.agent?.kill();

    const before = a.told().length;
    a.receiver.says("ok");
    a.start(b.host, 150);
    const again = await waitFor(() => a.told().slice(before).find(becameMaster), {
      what: "the takeover to be told by the next run",
    });

    expect(again.id).toBe(takeover.id);
  });

  labTest("tells that it stops before it ends", async ({ lab }) => {
    const [a, b] = [await TellingNode.open(lab, "a"), await TellingNode.open(lab, "b")];
    await a.start(b.host, 150).waitForState("MASTER");
    await a.agent?.stop();

    const last = a.told().at(-1)?.event;
    expect(last).toMatchObject({ kind: "transition", from: "MASTER", to: "INIT" });
  });
});
