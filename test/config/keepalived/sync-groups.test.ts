import { describe, expect, it } from "vitest";
import { checkDocument } from "../../../src/config/check-document.ts";
import { resolveConfig } from "../../../src/config/resolve.ts";
import { oneLine, readConf } from "./reading.ts";

const MEMBERS = ["VI_1", "VI_2"]
  .map((name, index) =>
    [
      `vrrp_instance ${name} {`,
      `interface eth${index}`,
      `virtual_router_id ${51 + index}`,
      "priority 100",
      `unicast_src_ip 10.${index}.0.4`,
      `unicast_peer {\n10.${index}.0.5\n}`,
      `virtual_ipaddress {\n10.${index}.0.10\n}`,
      "garp_master_delay 5\n}\n",
    ].join("\n"),
  )
  .join("");

async function read(group: string, blocks = "") {
  const { document, problems } = await readConf(`${blocks}${MEMBERS}vrrp_sync_group VG1 {\n${group}\n}\n`);
  const checked = checkDocument(document);
  const surroundings = { hostName: "node-a", passwords: new Map() };
  return {
    problems: problems.filter(({ message }) => !message.includes("/32")).map(oneLine),
    mistakes: checked.mistakes.map(({ message }) => message),
    group: checked.document?.vrrp_sync_group?.["VG1"],
    config: checked.document && resolveConfig(checked.document, surroundings),
  };
}

const BOTH = "group {\nVI_1 VI_2\n}";
const SCRIPT = "vrrp_script chk {\nscript /bin/true\nweight -20\n}\n";

describe("a vrrp_sync_group", () => {
  it("is carried over with its scripts and what it tracks", async () => {
    const more = 'track_script {\nchk weight 0\n}\nnotify "/opt/n x"\nnotify_master /opt/m nobody';
    const { problems, mistakes, group } = await read(`${BOTH}\n${more}`, SCRIPT);
    expect(problems).toEqual([]);
    expect(mistakes).toEqual([]);
    expect(group).toMatchObject({
      group: ["VI_1", "VI_2"],
      track: [{ name: "chk", weight: 0 }],
      notify: { command: ["/opt/n", "x"] },
      notify_master: { command: ["/opt/m"], user: "nobody" },
    });
  });

  it("makes its instances move together, tracking what the group tracks", async () => {
    const { config } = await read(`${BOTH}\ntrack_script {\nchk\n}`, SCRIPT);
    expect(config?.syncGroups).toMatchObject([{ name: "VG1", members: ["VI_1", "VI_2"] }]);
    expect(
      config?.instances.map(({ syncGroup, track, router }) => [syncGroup, track, router.synced]),
    ).toEqual([
      ["VG1", [{ name: "chk", weight: -20, reverse: false }], "first"],
      ["VG1", [{ name: "chk", weight: -20, reverse: false }], "other"],
    ]);
  });

  it.each(["sync_group_tracking_weight", "global_tracking"])(
    "lets weights of its instances count with %s",
    async (word) => {
      expect((await read(`${BOTH}\n${word}`)).group?.sync_group_tracking_weight).toBe(true);
    },
  );

  it.each([
    ["names an instance that is not there", "group {\nVI_1\nVI_2\nVI_3\n}", "there is no instance VI_3"],
    ["names one twice", "group {\nVI_1\nVI_2\nVI_1\n}", "VI_1 is in a group already"],
  ])("that %s is carried over without it", async (_, group, message) => {
    const { problems, mistakes, group: carried } = await read(group);
    expect(problems).toEqual([expect.stringContaining(message)]);
    expect(mistakes).toEqual([]);
    expect(carried?.group).toEqual(["VI_1", "VI_2"]);
  });

  it("without instances is left out", async () => {
    const { problems, group } = await read("notify /opt/n");
    expect(problems).toEqual([expect.stringContaining("the group has no instance")]);
    expect(group).toBeUndefined();
  });

  it("may be named before its instances, and once only", async () => {
    const { document, problems } = await readConf(
      `vrrp_sync_group VG1 {\n${BOTH}\n}\nvrrp_sync_group VG1 {\ngroup {\nVI_1\n}\n}\n${MEMBERS}`,
    );
    expect(checkDocument(document).document?.vrrp_sync_group?.["VG1"]?.group).toEqual(["VI_1", "VI_2"]);
    expect(problems.map(oneLine)).toContainEqual(expect.stringContaining("VG1 is defined a second time"));
  });
});

describe("mail", () => {
  const MAIL = "notification_email {\nops@example.com\nboss@example.com\n}\nsmtp_server 192.0.2.25 2525\n";

  async function channel(globals: string, group = "", instance = "") {
    const conf = `global_defs {\n${globals}\n}\n${MEMBERS.replace("garp_master_delay 5", instance)}vrrp_sync_group VG1 {\n${BOTH}\n${group}\n}\n`;
    const { document, problems } = await readConf(conf);
    const checked = checkDocument(document);
    expect(checked.mistakes).toEqual([]);
    return {
      channel: checked.document?.notify?.channels["notification_email"],
      problems: problems.map(oneLine).filter((problem) => !problem.includes("/32")),
    };
  }

  it("becomes a channel where smtp_alert asks for it", async () => {
    const { channel: made, problems } = await channel(
      `${MAIL}notification_email_from lb@example.com\nsmtp_alert`,
    );
    expect(problems).toEqual([]);
    expect(made).toMatchObject({
      ...{ type: "smtp", server: { host: "192.0.2.25", port: 2525 }, tls: "none", from: "lb@example.com" },
      ...{ to: ["ops@example.com", "boss@example.com"], min_severity: "info", allow_loopback: false },
    });
    expect(made?.instances).toBeUndefined();
  });

  it("goes to the server of this host where the file names none, from keepalived's name", async () => {
    const { channel: made } = await channel("notification_email {\nops@example.com\n}\nsmtp_alert_vrrp on");
    expect(made).toMatchObject({ server: { host: "127.0.0.1", port: 25 }, allow_loopback: true });
    expect(made?.from).toMatch(/^keepalived@/);
  });

  it.each([
    ["a group that asks, with its instances", "", "smtp_alert", "", undefined],
    ["an instance that asks", "", "", "smtp_alert", ["VI_1"]],
    ["everything but what declines", "smtp_alert", "smtp_alert off", "smtp_alert on", ["VI_1"]],
  ])("tells of %s", async (_, globals, group, instance, names) => {
    const { channel: made } = await channel(`${MAIL}${globals}`, group, instance);
    expect(made?.type).toBe("smtp");
    expect(made?.instances).toEqual(names);
  });

  it("is not sent where nothing asks for it, which is said", async () => {
    const { channel: made, problems } = await channel(MAIL);
    expect(made).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining("without smtp_alert keepalived sends none")]);
  });

  it("is not sent to nobody, which is said", async () => {
    const { channel: made, problems } = await channel("smtp_alert");
    expect(made).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining("asks for mail to nobody")]);
  });
});
