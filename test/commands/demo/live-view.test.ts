import { stripVTControlCharacters } from "node:util";
import { expect, test, vi } from "vitest";
import { millis } from "../../../src/base/units.ts";
import { liveView } from "../../../src/commands/demo/live-view.ts";
import { painter } from "../../../src/commands/demo/paint.ts";
import { Scene } from "../../../src/commands/demo/scene.ts";
import { CapturedOutput } from "../captured-output.ts";

const PLAIN = painter(new CapturedOutput(), {});

/** node-a is cut off since 2 s, node-b serves since 2.3 s, and it is 3.46 s now. */
function sceneAfterACut(): Scene {
  const scene = new Scene(millis(5));
  for (const [node, sent, heard] of [
    ["node-a", 30, 0],
    ["node-b", 12, 19],
  ] as const) {
    const counts = { advertsSent: sent, advertsHeard: heard };
    scene.learn({ kind: "reading", node, state: "MASTER", bound: true, ...counts });
    scene.change(node, { condition: node === "node-a" ? "cut off" : "running" });
  }
  for (let sequence = 1; sequence * 5 <= 3460; sequence++) {
    const at = sequence * 5;
    if (at <= 2000 || at >= 2300) scene.pings.answer(sequence, millis(at));
  }
  return scene;
}

test("the live view shows who has the address, and the client's last seconds", () => {
  expect(liveView(sceneAfterACut(), { now: millis(3460), paint: PLAIN })).toEqual([
    "",
    "  node-a  MASTER  10.99.0.100  adverts:   30 sent    0 heard  cut off",
    "  node-b  MASTER  10.99.0.100  adverts:   12 sent   19 heard",
    "  client  ━━━━━━━━━━━━━━━━━━━━━━······━━━━━━━━━━━━━━━━  633 answers, 59 lost",
  ]);
});

test("the live view shows to whom the cloud sends the traffic", () => {
  const scene = sceneAfterACut();
  scene.learn({ kind: "owner", owner: "node-b", at: millis(2300) });
  expect(liveView(scene, { now: millis(3460), paint: PLAIN }).slice(1, 3)).toEqual([
    "  node-a  MASTER  10.99.0.100            adverts:   30 sent    0 heard  cut off",
    "  node-b  MASTER  10.99.0.100  in cloud  adverts:   12 sent   19 heard",
  ]);
});

test("the live view of nodes that do not run says so", () => {
  const scene = new Scene(millis(5));
  scene.change("node-b", { condition: "stopped" });
  expect(liveView(scene, { now: millis(0), paint: PLAIN })).toEqual([
    "",
    "  node-a  not started yet",
    "  node-b  stopped",
    expect.stringMatching(/^ {2}client +0 answers$/),
  ]);
});

test("the live view says the same with colours as without", () => {
  vi.stubEnv("NO_COLOR", undefined);
  const colored = painter(new CapturedOutput({ isTTY: true }), process.env);
  const scene = sceneAfterACut();
  const [plain, painted] = [PLAIN, colored].map((paint) => liveView(scene, { now: millis(3460), paint }));
  expect(painted).not.toEqual(plain);
  expect(painted?.map(stripVTControlCharacters)).toEqual(plain);
  vi.unstubAllEnvs();
});
