import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { type AwsNode, AwsPair } from "../lab/cloud-aws.ts";
import { type Daemon, labPath } from "../lab/daemon.ts";
import { Keepalived } from "../lab/keepalived.ts";
import type { Lab } from "../lab/lab.ts";
import { memberInstance, vrrpConf } from "../lab/vrrp-conf.ts";
import { waitFor } from "../lab/wait-for.ts";
import { ClaimsOnTheWire } from "./cloud-wire.ts";
import type { Effort, Measurement } from "./measurement.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";
import { median } from "./statistics.ts";
import { withLab } from "./with-lab.ts";

const ROUNDS: Record<Effort, number> = { full: 21, quick: 3 };
const ADVERT_SECONDS = 0.1;
/** Debian's awscli. Another one on PATH may be another version, or a wrapper that is slower still. */
const AWS_COMMAND = "/usr/bin/aws";

interface Times {
  /** From the new MASTER's first advert to its claim, ms. */
  readonly sent: number;
  /** From that advert to the API's answer, ms. */
  readonly done: number;
}

/**
 * How long after the first advert of a new MASTER its claim is on the wire, and answered. keepalived claims with a notify
 * script that calls the `aws` command with a key from its environment, which is its quickest way.
 */
export const claims: readonly Measurement[] = claimMeasurements();

function claimMeasurements(): readonly Measurement[] {
  const runs = new Map<ProgramName, Promise<readonly Times[]>>();
  // Both figures come from the same failovers.
  const measured = (program: ProgramName, effort: Effort) => {
    const run = runs.get(program) ?? measureClaims(program, ROUNDS[effort]);
    runs.set(program, run);
    return run;
  };
  const measurement = (name: string, title: string, part: keyof Times): Measurement => ({
    name,
    title,
    unit: "ms",
    programs: existsSync(AWS_COMMAND) ? PROGRAMS : ["cloudvip"],
    measure: async (program, effort) => {
      const samples = (await measured(program, effort)).map((times) => times[part]);
      return { value: median(samples), samples };
    },
  });
  return [
    measurement("cloud-claim-sent", "MASTER to claim on the wire", "sent"),
    measurement("cloud-claim-done", "MASTER to claim answered", "done"),
  ];
}

function measureClaims(program: ProgramName, rounds: number): Promise<readonly Times[]> {
  return withLab(async (lab) => {
    const emulator = { throttling: "off" } as const;
    const pair = await AwsPair.prepare(lab, { instance: { advertInt: ADVERT_SECONDS }, emulator });
    const wire = await ClaimsOnTheWire.start(pair.api, pair.emulator.endpoint);
    const times: Times[] = [];
    for (let round = 0; round < rounds; round++) times.push(await failOver({ lab, pair, wire, program }));
    return times;
  });
}

/** Both programs start afresh for each failover: a failover is rare, and its code has hardly run before. */
async function failOver(facts: {
  readonly lab: Lab;
  readonly pair: AwsPair;
  readonly wire: ClaimsOnTheWire;
  readonly program: ProgramName;
}): Promise<Times> {
  const { lab, pair, wire, program } = facts;
  const { a, b, observer } = pair;
  const onA = start(lab, pair, a, program);
  await pair.waitForOwner(a);
  const onB = start(lab, pair, b, program);
  if (program === "cloudvip") await b.waitForEvent("cloud-ready");
  await onB.waitForState("BACKUP");
  const [claimsBefore, advertsBefore] = [wire.answered(b.host).length, observer.advertsOf(b.host).length];
  await onA.kill();
  const claim = await waitFor(() => wire.answered(b.host)[claimsBefore], { what: "b to claim" });
  const [advert] = observer.advertsOf(b.host).slice(advertsBefore);
  if (!advert) throw new Error("b claimed before it advertised");
  await pair.a.host.removeAddress(`${pair.vip}/32`);
  await onB.stop();
  return { sent: claim.sentMs - advert.atMs, done: claim.answeredMs - advert.atMs };
}

function start(lab: Lab, pair: AwsPair, node: AwsNode, program: ProgramName): Daemon {
  switch (program) {
    case "cloudvip":
      return node.start();
    case "keepalived":
      return Keepalived.start(lab, node.host, scriptedConf(lab, pair, node));
  }
}

function scriptedConf(lab: Lab, pair: AwsPair, node: AwsNode): string {
  const members = [
    { host: pair.a.host, priority: 150 },
    { host: pair.b.host, priority: 100 },
  ];
  const extra = [`notify_master ${claimScript(lab, pair, node)}`];
  const settings = { advertInt: ADVERT_SECONDS, vips: pair.vips, extra };
  return vrrpConf(
    [memberInstance(node.host, members, settings)],
    ["script_user root", "enable_script_security"],
  );
}

function claimScript(lab: Lab, { vips, cloud, emulator }: AwsPair, { host, ids }: AwsNode): string {
  const file = labPath(lab, host, ".notify.sh");
  const call = `${AWS_COMMAND} ec2 assign-private-ip-addresses --allow-reassignment`;
  const text = [
    "#!/bin/sh",
    `export AWS_ACCESS_KEY_ID=${cloud.user.accessKeyId} AWS_SECRET_ACCESS_KEY=${cloud.user.secretAccessKey}`,
    `export AWS_DEFAULT_REGION=${emulator.region}`,
    `exec ${call} --endpoint-url ${emulator.endpoint} --network-interface-id ${ids.interfaceId} --private-ip-addresses ${vips.join(" ")}`,
  ];
  writeFileSync(file, `${text.join("\n")}\n`);
  chmodSync(file, 0o755);
  return file;
}
