import { beforeEach, describe, expect, it, vi } from "vitest";
import { Cloud, type CloudPorts } from "../../src/agent/cloud.ts";
import type { IpAddress } from "../../src/base/ip.ts";
import { millis } from "../../src/base/units.ts";
import { ProviderError } from "../../src/provider/errors.ts";
import type { Answer } from "../../src/service/thread-messages.ts";
import type { Reading } from "../../src/takeover/events.ts";
import { SETTINGS, silentPeer } from "../takeover/fixtures.ts";

const VIP = "10.0.0.100" as IpAddress;
const MINE: Reading = { kind: "mine" };

/** A service thread whose calls a test answers. */
class FakeThread {
  readonly calls: { operation: string; answer: (answer: Answer) => void; fail: (error: unknown) => void }[] =
    [];
  aborted = 0;

  call(_key: string, operation: "claim" | "owner" | "rehearse") {
    const { promise, resolve, reject } = promiseWithResolvers<Answer>();
    this.calls.push({ operation, answer: resolve, fail: reject });
    return { answer: promise, abort: () => void this.aborted++ };
  }

  get operations(): readonly string[] {
    return this.calls.map(({ operation }) => operation);
  }
}

function promiseWithResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

let thread: FakeThread;
let now: number;
let reading: Reading;
let told: unknown[];

beforeEach(() => {
  [thread, now, reading, told] = [new FakeThread(), 0, MINE, []];
});

function open(kind: "move" | "claim" = "move"): Cloud {
  const ports: CloudPorts = {
    ...{ thread, key: "VI_1", vips: [VIP], now: () => millis(now), schedule: () => undefined },
    read: () => reading,
    onYield: (to) => told.push(to),
    onEndHold: () => told.push("end-hold"),
    report: (note) => told.push(note),
  };
  return new Cloud(ports, { ...SETTINGS, kind }, 1);
}

/** Lets promises that are settled be heard. */
const settle = () => new Promise((resolve) => setImmediate(resolve));
const last = () => thread.calls.at(-1);
const owners: Answer = { operation: "owner", owners: [] };

function rehearsed(ready: boolean, obstacles: readonly string[] = []): Answer {
  const told = obstacles.map((message) => ({ code: "test/obstacle", message, hint: "mend it" }));
  return { operation: "rehearse", readiness: { ready, obstacles: told, credentialsExpire: undefined } };
}

describe("the shell of a takeover", () => {
  it("carries calls to the service thread and their answers back", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    now = 40;
    last()?.answer({ operation: "claim" });
    await settle();
    now = 60;
    last()?.answer(owners);
    await settle();
    expect(thread.operations).toEqual(["claim", "owner"]);
    expect(told).toEqual([
      { kind: "cloud-claimed", took: 40, attempts: 1 },
      { kind: "cloud-verified", took: 60 },
    ]);
  });

  it("knows how soon to try again from the provider's error, and says what to do", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    const facts = {
      operation: "ec2:AssignPrivateIpAddresses",
      message: "too many",
      hint: "ask AWS for more",
    };
    last()?.fail(new ProviderError({ kind: "throttled", ...facts, retryAfterMs: 3_000 }));
    await settle();
    expect(cloud.deadline()).toBe(3_000);
    expect(told).toMatchObject([
      { kind: "cloud-call-failed", message: "ec2:AssignPrivateIpAddresses: too many; ask AWS for more" },
    ]);
  });

  it("survives an answer that makes no sense", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    last()?.answer({ operation: "open", kind: "move" });
    await settle();
    expect(cloud.takeover.mode).toMatchObject({ kind: "claiming", call: undefined });
  });

  it("aborts the claim that is under way when mastership is lost, and drops its answer", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    cloud.dispatch({ kind: "mastership-lost" });
    expect(thread.aborted).toBe(1);
    last()?.answer({ operation: "claim" });
    await settle();
    expect([thread.operations, told]).toEqual([["claim"], []]);
  });

  it("gives way to a peer that is not heard", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    last()?.answer({ operation: "claim" });
    await settle();
    reading = silentPeer;
    for (const time of [1_000, 6_000, 6_600]) {
      now = time;
      cloud.tick();
      last()?.answer(owners);
      await settle();
    }
    expect(told.at(-1)).toEqual({ holder: "i-peer", peer: "10.0.0.2" });
  });

  it("is not ready when the provider is not, though it gives no reason", async () => {
    const cloud = open();
    cloud.tick();
    last()?.answer(rehearsed(false));
    await settle();
    expect(told).toEqual([
      { kind: "cloud-not-ready", obstacles: ["the provider is not ready and does not say why"] },
    ]);
  });

  it("tells every obstacle with what to do about it", async () => {
    const cloud = open();
    cloud.tick();
    last()?.answer(rehearsed(false, ["no role", "no room"]));
    await settle();
    expect(told).toEqual([{ kind: "cloud-not-ready", obstacles: ["no role; mend it", "no room; mend it"] }]);
  });

  it("does nothing any more once it is closed", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    cloud.close();
    expect([thread.aborted, cloud.deadline()]).toEqual([1, undefined]);
    last()?.answer({ operation: "claim" });
    await settle();
    cloud.dispatch({ kind: "tick" });
    expect(thread.operations).toEqual(["claim"]);
  });
});

describe("a planned handover", () => {
  it("claims no more, and ends when the cloud shows the address elsewhere", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    const onMoved = vi.fn();
    cloud.handOver(onMoved);
    expect(thread.operations).toEqual(["claim", "owner"]);
    expect(thread.aborted).toBe(1);
    last()?.answer(owners);
    await vi.waitFor(() => expect(thread.operations).toHaveLength(3));
    reading = silentPeer;
    last()?.answer(owners);
    await settle();
    expect(onMoved).toHaveBeenCalledOnce();
  });

  it("asks no more once mastership has ended some other way", async () => {
    const cloud = open();
    cloud.dispatch({ kind: "mastership-gained" });
    const onMoved = vi.fn();
    cloud.handOver(onMoved);
    cloud.dispatch({ kind: "mastership-lost" });
    reading = silentPeer;
    last()?.answer(owners);
    await settle();
    expect(onMoved).not.toHaveBeenCalled();
    expect(thread.operations).toEqual(["claim", "owner"]);
  });

  it("asks the cloud nothing where gratuitous ARP moves the address", () => {
    const cloud = open("claim");
    cloud.dispatch({ kind: "mastership-gained" });
    cloud.handOver(() => undefined);
    expect(thread.operations).toEqual(["owner"]);
    expect(cloud.moves).toBe(false);
  });
});
