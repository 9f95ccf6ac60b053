import { describe, expect, it } from "vitest";
import { checkDocument } from "../../src/config/check-document.ts";

const instance = (index: number) => ({
  ...{ interface: "eth0", virtual_router_id: 51 + index, priority: 100, unicast_src_ip: "10.0.0.4" },
  ...{ unicast_peer: ["10.0.0.5"], virtual_ipaddress: [`10.0.0.${10 + index}/32`] },
});

function mistakesOf(groups: unknown, track: unknown = {}): readonly string[] {
  const document = {
    vrrp_instance: { VI_1: instance(1), VI_2: instance(2) },
    ...{ track, vrrp_sync_group: groups },
  };
  return checkDocument(document).mistakes.map(
    ({ severity, path, message }) => `${severity} ${path.join(".")}: ${message}`,
  );
}

describe("a sync group", () => {
  it("of instances that are there is sound", () => {
    expect(mistakesOf({ VG1: { group: ["VI_1", "VI_2"] } })).toEqual([]);
  });

  it.each<[string, unknown, readonly string[]]>([
    [
      "that misspells an instance",
      { VG1: { group: ["VI_1", "VI_22"] } },
      ["error vrrp_sync_group.VG1.group.1: there is no instance VI_22"],
    ],
    [
      "that names an instance of another group",
      { VG1: { group: ["VI_1", "VI_2"] }, VG2: { group: ["VI_1", "VI_2"] } },
      [
        "error vrrp_sync_group.VG2.group.0: VI_1 is in the group VG1 already",
        "error vrrp_sync_group.VG2.group.1: VI_2 is in the group VG1 already",
      ],
    ],
    [
      "that names an instance twice",
      { VG1: { group: ["VI_1", "VI_1"] } },
      ["error vrrp_sync_group.VG1.group.1: VI_1 is in the list twice"],
    ],
    [
      "of one instance",
      { VG1: { group: ["VI_1"] } },
      ["warning vrrp_sync_group.VG1.group: VI_1 is alone in the group, which then does nothing"],
    ],
    [
      "that tracks what is not there",
      { VG1: { group: ["VI_1", "VI_2"], track: ["chk"] } },
      ["error vrrp_sync_group.VG1.track.0: there is no tracker chk"],
    ],
    [
      "without instances",
      { VG1: { group: [] } },
      ["error vrrp_sync_group.VG1.group: there is no instance in the group"],
    ],
  ])("%s is told so", (_, groups, expected) => {
    expect(mistakesOf(groups)).toEqual(expected);
  });

  it("is enough of a reason to look at a tracker", () => {
    const group = { VG1: { group: ["VI_1", "VI_2"], track: ["chk"] } };
    expect(mistakesOf(group, { chk: { tcp: "127.0.0.1:80" } })).toEqual([]);
    expect(mistakesOf({}, { chk: { tcp: "127.0.0.1:80" } })).toEqual([
      expect.stringContaining("warning track.chk"),
    ]);
  });
});
