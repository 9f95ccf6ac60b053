import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programDirectory } from "../../providers/exec/program-files.ts";
import { type CloudServer, codesOf, runDoctor } from "./run-doctor.ts";

let programs: Awaited<ReturnType<typeof programDirectory>>;
beforeEach(async () => {
  programs = await programDirectory();
});
afterEach(() => programs.remove());

function server(provider: CloudServer["provider"]): CloudServer {
  return {
    address: "10.0.0.4",
    mac: "02:00:00:00:00:04",
    peers: ["10.0.0.5"],
    vips: ["10.0.0.10"],
    provider,
  };
}

/** A provider of somebody else's, without checks of its own; `rest` are its methods beside those that do nothing. */
async function foreign(rest: string): Promise<CloudServer> {
  const file = join(programs.path, "acme.mjs");
  const schema = new URL("../../../node_modules/zod/index.js", import.meta.url).href;
  await writeFile(
    file,
    `import * as z from "${schema}";
    const nothing = { plan: () => ({ calls: [] }), claim: async () => {}, owner: async () => [], close: async () => {} };
    const identify = async () => ({ instanceId: "i-1", networkInterfaceId: "nic-1" });
    const ready = async () => ({ ready: true, obstacles: [], credentialsExpire: undefined });
    const create = () => ({ ...nothing, identify, rehearse: ready, ${rest} });
    export const provider = { name: "acme", options: z.strictObject({}), kindOf: () => "move", create };`,
  );
  return server({ name: file });
}

describe("doctor, of any provider,", () => {
  it("says nothing of clouds to an instance that has none", async () => {
    const { provider: _, ...bare } = server({});
    const report = await runDoctor({ ...bare, provider: undefined });
    expect([report.findings, report.fine, report.unseen]).toEqual([[], [], []]);
  });

  it("finds a provider that cannot be loaded, or refuses its options", async () => {
    const missing = await runDoctor(server({ name: "/nowhere/acme.mjs" }));
    expect(codesOf(missing)).toEqual(["cloud/provider-unusable"]);
    const wrong = await runDoctor(server({ name: "aws", mechanism: "teleport" }));
    expect(codesOf(wrong)).toEqual(["cloud/provider-unusable"]);
    expect(wrong.findings[0]?.message).toContain("mechanism");
    expect(codesOf(await runDoctor(await foreign("")))).toEqual([]);
  });

  it("rehearses with a provider that has no checks of its own, and tells what it says", async () => {
    const obstacle = `{ code: "acme/quota", message: "the quota is used up", hint: "ask for more" }`;
    const broken = await foreign(`rehearse: async () => ({ ready: false, obstacles: [${obstacle}] }),`);
    const report = await runDoctor(broken);
    expect(report.findings).toMatchObject([
      { code: "cloud/not-ready", message: "VI_1: the quota is used up", fix: { advice: "ask for more" } },
    ]);
  });

  it("finds that a provider does not find its server, throws nonsense, or never answers", async () => {
    const lost = await runDoctor(
      await foreign(`identify: async () => { throw new Error("nobody is here"); },`),
    );
    expect(codesOf(lost)).toEqual(["cloud/not-identified"]);
    expect(lost.findings[0]?.message).toContain("nobody is here");
    const odd = await runDoctor(await foreign(`rehearse: async () => { throw undefined; },`));
    expect(odd.unseen.map(({ code }) => code)).toEqual(["cloud/not-ready"]);
  });

  it("asks a program through exec, and reports what it finds", async () => {
    const answers = `case $(cat) in
      *identify*) echo '{"instance":"i-1","network_interface":"nic-1","preflight":true}';;
      *rehearse*) echo '{"ready":true}';;
      *preflight*) echo '{"findings":[{"severity":"failure","message":"fw-1 drops protocol 112"}]}';;
    esac`;
    const command = [await programs.script("acme", answers)];
    const report = await runDoctor(server({ name: "exec", command, timeout: 60 }));
    expect(report.findings).toMatchObject([
      { code: "exec/preflight", severity: "failure", message: "VI_1: fw-1 drops protocol 112" },
    ]);
    expect(report.fine).toContainEqual(expect.objectContaining({ code: "exec/not-ready" }));
  });
});
