import { describe, expect, it } from "vitest";
import { checkDocument } from "../../../src/config/check-document.ts";
import { isMap } from "../../../src/config/value.ts";
import { oneLine, optionsOf, readConf, withStatements } from "./reading.ts";

async function read(blocks: string, statements: string, globals = "") {
  const reading = await readConf(
    `${globals === "" ? "" : `global_defs {\n${globals}\n}\n`}${withStatements(statements)}${blocks}`,
  );
  const { document } = reading;
  return {
    trackers: isMap(document) ? document["track"] : undefined,
    globals: isMap(document) ? document["global_defs"] : undefined,
    options: optionsOf(reading),
    problems: reading.problems.map(oneLine),
    mistakes: checkDocument(document).mistakes.filter(({ severity }) => severity === "error"),
  };
}

describe("a tracker", () => {
  it.each([
    [
      'vrrp_script chk {\nscript "/opt/check -a"\ninterval 2\ntimeout 3.5\nrise 2\nfall 3\nweight -30\nuser nobody nogroup\ninit_fail\n}',
      "track_script {\nchk\n}",
      {
        chk: {
          ...{ script: "/opt/check -a", user: "nobody", group: "nogroup" },
          ...{ interval: 2, timeout: 3.5, rise: 2, fall: 3, init_fail: true, weight: -30 },
        },
      },
      ["chk"],
    ],
    [
      "track_file f {\nfile /run/x\nweight 2 reverse\n}",
      "track_file {\nf\n}",
      { f: { file: "/run/x", weight: 2, reverse: true } },
      ["f"],
    ],
    [
      "vrrp_track_process p {\nprocess /usr/sbin/nginx\nquorum 2\n}",
      "track_process {\np weight -254\n}",
      { p: { process: "nginx", quorum: 2 } },
      [{ name: "p", weight: -253 }],
    ],
    [
      "",
      "track_interface {\neth1 weight 20 reverse\neth2\n}",
      { eth1: { interface: "eth1" }, eth2: { interface: "eth2" } },
      [{ name: "eth1", weight: 20, reverse: true }, "eth2"],
    ],
    [
      "vrrp_script x {\nscript /opt/x\n}\ntrack_file x {\nfile /run/x\n}",
      "track_script {\nx weight 5 noreverse\n}\ntrack_file {\nx weight -254\n}\ntrack_interface {\nx\n}",
      { x: { script: "/opt/x" }, "x-file": { file: "/run/x" }, "x-interface": { interface: "x" } },
      [{ name: "x", weight: 5, reverse: false }, { name: "x-file", weight: -254 }, "x-interface"],
    ],
  ])("%s is carried over", async (blocks, statements, trackers, track) => {
    const read_ = await read(blocks, statements);
    expect(read_).toMatchObject({ trackers, problems: [], mistakes: [] });
    expect(read_.options["track"]).toEqual(track);
  });

  it("runs as script_user where it names nobody", async () => {
    const script = "vrrp_script chk {\nscript /opt/x\n}";
    const { trackers } = await read(
      script,
      "track_script {\nchk\n}",
      "script_user adm adm\nenable_script_security",
    );
    expect(trackers).toEqual({ chk: { script: "/opt/x", user: "adm", group: "adm" } });
  });

  it("with an interval of 0 is checked every second", async () => {
    const { trackers } = await read(
      "vrrp_script chk {\nscript /opt/x\ninterval 0\n}",
      "track_script {\nchk\n}",
    );
    expect(trackers).toEqual({ chk: { script: "/opt/x", interval: 1 } });
  });
});

describe("what keepalived ignores is ignored with a word", () => {
  it.each([
    ["", "track_script {\nnone\n}", "none is not defined"],
    ["", "track_interface {\neth1\neth1 weight 5\n}", "eth1 is tracked twice"],
    ["", "track_interface {\neth1 wait 5\n}", '"wait" is no option'],
    ["", "track_interface {\neth1 weight five\n}", '"five" is no weight'],
    ["", "track_interface {\neth1 weight 255\n}", '"255" is no weight'],
    ["", "track_interface {\neth1 weight 5 backwards\n}", '"backwards" is neither reverse nor noreverse'],
    [
      "vrrp_script c {\nscript /a\n}\nvrrp_script c {\nscript /b\n}",
      "track_script {\nc\n}",
      "defined a second time",
    ],
    ["", "notify_master /a\nnotify_master /b", "there is a notify_master already"],
    [
      "vrrp_track_process p {\nprocess x\nparam_match initial\n}",
      "track_process {\np\n}",
      "param_match is not",
    ],
  ])("%s %s", async (blocks, statements, message) => {
    const { problems } = await read(blocks, statements);
    expect(problems).toEqual([expect.stringContaining(message)]);
  });

  const group = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}\n";
  const script = "vrrp_script chk {\nscript /bin/true\nweight -20\n}\n";

  it.each([
    ["its own weight", group, "track_interface {\neth1 weight 5\n}", true],
    ["the script's weight", script + group, "track_script {\nchk\n}", true],
    ["a file's weight of 1", `track_file f {\nfile /x\n}\n${group}`, "track_file {\nf\n}", true],
    ["no weight", group, "track_interface {\neth1\n}", false],
    ["weight 0 in place of the script's", script + group, "track_script {\nchk weight 0\n}", false],
    ["a weight without a group", script, "track_script {\nchk\n}", false],
    [
      "a group that takes weights",
      script + group.replace("{\n", "{\nsync_group_tracking_weight\n"),
      "track_script {\nchk\n}",
      false,
    ],
  ])("a tracker of a member of a sync group with %s", async (_name, blocks, statements, dropped) => {
    const { problems, options } = await read(blocks, statements);
    expect(problems.some((problem) => problem.includes("is in a vrrp_sync_group"))).toBe(dropped);
    expect(options["track"] === undefined).toBe(dropped);
  });
});

describe("a notify script", () => {
  it.each([
    ["notify", "/opt/x", "/opt/x"],
    ["notify_master", '"/opt/x a b"', "/opt/x a b"],
    ["notify_backup", '"/opt/x a" nobody', { script: "/opt/x a", user: "nobody" }],
    ["notify_fault", "/opt/x nobody nogroup", { script: "/opt/x", user: "nobody", group: "nogroup" }],
    ["notify_stop", '"/opt/x \\"two words\\" c"', '/opt/x "two words" c'],
    ["notify_deleted", "/opt/x", "/opt/x"],
    ["notify_master_rx_lower_pri", "/opt/x", "/opt/x"],
  ])("%s %s", async (keyword, words, expected) => {
    const { options, problems, mistakes } = await read("", `${keyword} ${words}`);
    expect({ problems, mistakes }).toEqual({ problems: [], mistakes: [] });
    expect(options[keyword]).toEqual(expected);
  });

  it("runs as script_user where it names nobody", async () => {
    const { options } = await read("", 'notify "/opt/x y"', "script_user nobody");
    expect(options["notify"]).toEqual({ script: "/opt/x y", user: "nobody" });
  });

  it.each(["notify_fifo", "vrrp_notify_fifo"])("%s is the pipe for all", async (keyword) => {
    const { globals, problems } = await read("", "", `${keyword} /run/x.fifo`);
    expect({ globals, problems }).toEqual({ globals: { notify_fifo: "/run/x.fifo" }, problems: [] });
  });
});
