import type { NetworkInterface } from "@aws-sdk/client-ec2";
import { byHand, type PreflightFinding, type Verdict, verdict } from "../../../src/provider/preflight.ts";
import { addressesMissing } from "../network-interface.ts";
import type { OptionsOf } from "../options.ts";
import type { AwsCheck } from "./check.ts";
import type { Facts } from "./facts.ts";
import type { FoundNode } from "./nodes.ts";

export const MOVING_INTERFACE_CHECKS: readonly AwsCheck[] = [
  {
    code: "aws/interface-not-found",
    title: "the network interface that moves exists",
    severity: "failure",
    why: "Interfaces are deleted together with the instance that they were created with, unless that is switched off for them.",
    ask: (facts) =>
      withOptions(facts, async ({ network_interface: id }) =>
        (await facts.interfaceById(id))
          ? verdict([], id)
          : verdict(
              [
                simple(
                  `there is no network interface ${id}`,
                  "no claim can succeed",
                  "correct `network_interface`",
                ),
              ],
              id,
            ),
      ),
  },
  {
    code: "aws/interface-is-primary",
    title: "the interface that moves can be detached",
    severity: "failure",
    why: "The interface with device index 0 belongs to its instance for life.",
    ask: (facts) =>
      withInterface(facts, (moving) => {
        const { DeviceIndex, InstanceId } = moving.Attachment ?? {};
        const message = `${moving.NetworkInterfaceId} is the primary interface of ${InstanceId}`;
        const primary = simple(message, "it never moves", "create an interface for the VIPs and name it");
        return verdict(DeviceIndex === 0 ? [primary] : [], `device index ${DeviceIndex ?? "none"}`);
      }),
  },
  {
    code: "aws/vip-not-on-interface",
    title: "the virtual addresses belong to the interface that moves",
    severity: "failure",
    why: "With the mechanism `network-interface` only addresses of that interface move with it.",
    ask: (facts) =>
      withInterface(facts, (moving) => {
        const missing = addressesMissing(moving, facts.subject.vips);
        const advice = "take addresses of the interface as VIPs, or assign them to it";
        const findings = missing.map((vip) =>
          simple(
            `${vip} is no address of ${moving.NetworkInterfaceId}`,
            "it stays behind at a failover",
            advice,
          ),
        );
        return verdict(findings, facts.subject.vips.join(", "));
      }),
  },
  {
    code: "aws/other-zone",
    title: "all nodes are in the zone of the interface that moves",
    severity: "failure",
    why: "An interface can be attached to instances of its own zone only.",
    ask: (facts) =>
      withInterface(facts, (moving, nodes) => {
        const zone = moving.AvailabilityZone;
        const elsewhere = nodes.filter(({ networkInterface }) => networkInterface.AvailabilityZone !== zone);
        const findings = elsewhere.map(({ name, networkInterface }) =>
          simple(
            `${moving.NetworkInterfaceId} is in ${zone}, and ${name} in ${networkInterface.AvailabilityZone}`,
            `the interface cannot be attached to ${name}`,
            "keep the nodes in the interface's zone, or take the mechanism `route`",
          ),
        );
        return verdict(findings, zone ?? "");
      }),
  },
  {
    code: "aws/device-index-taken",
    title: "the device index is free on every node",
    severity: "failure",
    why: "The interface is attached at `device_index`. Where another interface is attached there already, AWS refuses.",
    ask: (facts) =>
      withInterface(facts, (moving, nodes) => {
        const index = "device_index" in facts.options ? facts.options.device_index : 1;
        const findings = nodes.flatMap((node) => takenAt(node, index, moving));
        return verdict(findings, `device index ${index}`);
      }),
  },
  {
    code: "aws/interface-limit",
    title: "every node has room for one more interface",
    severity: "failure",
    why: "Each instance type allows so many interfaces.",
    ask: (facts) =>
      withInterface(facts, async (moving, nodes) => {
        const types = await facts.instanceTypes();
        const findings = nodes.flatMap((node) => {
          const type = node.instance?.InstanceType ?? "";
          const most = types.get(type)?.NetworkInfo?.MaximumNetworkInterfaces;
          const others = otherInterfaces(node, moving).length;
          if (most === undefined || others < most) return [];
          const message = `${node.name} has ${others} interfaces already, and ${type} allows ${most}`;
          return [
            simple(message, "AWS refuses to attach the interface there", "take a larger instance type"),
          ];
        });
        return verdict(findings, nodes.map(({ name }) => name).join(", "));
      }),
  },
];

function simple(message: string, consequence: string, advice: string): PreflightFinding {
  return byHand(message, [], { consequence, advice });
}

async function withOptions(
  { options }: Facts,
  ask: (options: OptionsOf<"network-interface">) => Promise<Verdict>,
): Promise<Verdict> {
  return options.mechanism === "network-interface" ? ask(options) : undefined;
}

/** Nothing to say while the interface does not exist, which is a finding of its own. */
function withInterface(
  facts: Facts,
  ask: (moving: NetworkInterface, nodes: readonly FoundNode[]) => Verdict | Promise<Verdict>,
): Promise<Verdict> {
  return withOptions(facts, async ({ network_interface }) => {
    const [moving, nodes] = await Promise.all([facts.interfaceById(network_interface), facts.foundNodes()]);
    return moving && ask(moving, nodes);
  });
}

function otherInterfaces({ instance }: FoundNode, moving: NetworkInterface) {
  const all = instance?.NetworkInterfaces ?? [];
  return all.filter(({ NetworkInterfaceId }) => NetworkInterfaceId !== moving.NetworkInterfaceId);
}

function takenAt(node: FoundNode, index: number, moving: NetworkInterface): readonly PreflightFinding[] {
  const taking = otherInterfaces(node, moving).find(({ Attachment }) => Attachment?.DeviceIndex === index);
  if (!taking) return [];
  const message = `${node.name} has ${taking.NetworkInterfaceId} attached at device index ${index}`;
  const advice = "write another `device_index`, or detach that interface";
  return [simple(message, `AWS refuses to attach the interface to ${node.name}`, advice)];
}
