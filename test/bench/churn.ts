import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudNode } from "../lab/cloud-node.ts";
import type { Measurement } from "./measurement.ts";
import { countTakeovers, takeoversIn } from "./steadiness.ts";
import { withLab } from "./with-lab.ts";

const ADVERT_MS = 30;

/** While the service thread does nothing but parse and collect garbage, a heap of some 100 MB behind it. */
export const falseTakeoversChurn: Measurement = {
  name: "false-takeovers-churn",
  title: `${takeoversIn("full")}, ${ADVERT_MS} ms adverts, JSON and garbage in the service thread`,
  unit: "times",
  programs: ["cloudvip"],
  measure: (_program, effort) =>
    withLab(async (lab) => {
      const [a, b] = await Promise.all([lab.host("a"), lab.host("b")]);
      const observer = await lab.observe();
      const file = join(lab.directory, "churning.mjs");
      writeFileSync(file, CHURNING_PROVIDER);
      for (const [host, peer, priority] of [[a, b, 150] as const, [b, a, 100] as const]) {
        const provider = { name: file };
        const group = { priority, peers: [peer.address], vips: [lab.vip()], provider };
        const node = new CloudNode({ lab, host, instance: { ...group, advertInt: ADVERT_MS / 1000 } });
        await node.start().waitForState(host === a ? "MASTER" : "BACKUP");
      }
      return await countTakeovers({ observer }, b, effort);
    }),
};

/** A plug-in that agrees with everything, and never lets its thread rest. */
const CHURNING_PROVIDER = `
const document = JSON.stringify(
  Array.from({ length: 20_000 }, (_, id) => ({ id, name: "n" + id, tags: ["a", "b", String(id)] })),
);
const kept = [];
function churn() {
  kept.push(JSON.parse(document));
  if (kept.length > 10) kept.length = 0;
  setImmediate(churn);
}
export const provider = {
  name: "churning",
  options: { safeParse: (data) => ({ success: true, data }) },
  kindOf: () => "move",
  create: () => ({
    identify: async () => {
      churn();
      return { instanceId: "i-1", networkInterfaceId: "eni-1" };
    },
    plan: () => ({ calls: [] }),
    claim: async () => {},
    owner: async (vips) => vips.map((vip) => ({ vip, owner: { kind: "unknown", why: "it is busy" } })),
    rehearse: async () => ({ ready: true, obstacles: [], credentialsExpire: undefined }),
    close: async () => {},
  }),
};
`;
