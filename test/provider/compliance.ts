/**
 * What "works" means for a provider: the contract of `src/provider/contract.ts`, held against a cloud that lags, fails and
 * refuses. An implementation's test says how to set its cloud up, and how to make it fail.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IpAddress } from "../../src/base/ip.ts";
import type { Owner, Provider, ProviderDefinition } from "../../src/provider/contract.ts";
import { ProviderError, type ProviderErrorKind } from "../../src/provider/errors.ts";
import type { PreflightAnswer } from "../../src/provider/preflight.ts";

export type NodeName = "a" | "b";

export type CloudFault =
  | "error-500"
  | "throttle"
  | "hang"
  | "reset"
  | "garbage"
  | "lost-answer"
  | "metadata-down";

/** A cloud with two servers and addresses that nobody has yet. */
export interface CloudUnderTest {
  readonly vips: readonly [IpAddress, ...IpAddress[]];
  /** The own address of a server. */
  addressOf(node: NodeName): IpAddress;
  /** A provider that has asked nothing yet; `timeout` in seconds for one request, long unless a test waits for it. */
  create(node: NodeName, timeout?: number): Provider;
  /** The servers that have all the addresses. */
  holders(): readonly NodeName[];
  /** The fault hits every call from now on. */
  inject(fault: CloudFault): void;
  /** Ends every fault. */
  heal(): void;
  /** The node may not make the call any more that a claim makes. */
  deny(): void;
  /** The names of the calls that changed something or tried to, in order. */
  changes(): readonly string[];
  /** The credentials that the provider has are refused from now on; undefined where the provider knows of none. */
  expireCredentials?: () => void;
  stop(): Promise<void>;
}

export interface Traits {
  /** False where several servers have the address at once, and something else decides: gratuitous ARP. */
  readonly exclusive?: boolean;
  /** True where the cloud cannot reassign, so that nobody has the address for a moment. */
  readonly givesUpFirst?: boolean;
  /** True where metadata can still tell the owner while the API does not answer. */
  readonly readsMetadata?: boolean;
  /** True where a permission cannot be tried out without using it. */
  readonly deniesUnforeseen?: boolean;
}

const GIVING_UP = /^(Unassign|Disassociate|Detach|Delete|Release)/;

export function providerSuite(
  name: string,
  definition: Pick<ProviderDefinition, "checks">,
  setUp: () => Promise<CloudUnderTest>,
  traits: Traits = {},
): void {
  const { exclusive = true, givesUpFirst = false, readsMetadata = false, deniesUnforeseen = false } = traits;
  describe(`${name} keeps the contract`, () => {
    let cloud: CloudUnderTest;
    let opened: Provider[] = [];
    const sockets = () => process.getActiveResourcesInfo().filter((one) => HANDLES.has(one)).length;

    beforeEach(async () => {
      cloud = await setUp();
    });
    afterEach(async () => {
      await Promise.all(opened.map((provider) => provider.close()));
      opened = [];
      await cloud.stop();
    });

    const create = (node: NodeName, timeout?: number) => {
      const provider = cloud.create(node, timeout);
      opened.push(provider);
      return provider;
    };
    const identified = async (node: NodeName, timeout?: number) => {
      const provider = create(node, timeout);
      await provider.identify(live());
      return provider;
    };
    const claim = (provider: Provider, signal = live()) => provider.claim(cloud.vips, signal);
    const ownersOf = async (provider: Provider): Promise<readonly Owner[]> => {
      const answer = await provider.owner(cloud.vips, live());
      expect(answer.map(({ vip }) => vip)).toEqual(cloud.vips);
      return answer.map(({ owner }) => owner);
    };
    const kindsOf = async (provider: Provider) => new Set((await ownersOf(provider)).map(({ kind }) => kind));

    it("finds its server and network interface, a different one on each node", async () => {
      const [a, b] = [await create("a").identify(live()), await create("b").identify(live())];
      for (const field of ["instanceId", "networkInterfaceId"] as const) {
        expect(a[field]).not.toBe("");
        expect(a[field]).not.toBe(b[field]);
      }
    });

    it("cannot find itself while metadata are down, which passes", async () => {
      cloud.inject("metadata-down");
      const error = await failureOf(create("a").identify(live()));
      expect([error.facts.kind, error.retry]).toEqual(["unreachable", "soon"]);
    });

    it("plans without calling anything", async () => {
      const a = await identified("a");
      const before = cloud.changes();
      const { calls } = a.plan(cloud.vips);
      for (const call of calls) expect(call.operation).not.toBe("");
      expect(cloud.changes()).toEqual(before);
    });

    it("tells that nobody has an address that nobody has", async () => {
      expect(await kindsOf(await identified("a"))).toEqual(new Set(["nobody"]));
    });

    it("has what it claimed, and claiming again changes nothing", async () => {
      const a = await identified("a");
      await claim(a);
      await claim(a);
      expect(cloud.holders()).toEqual(["a"]);
      expect(await kindsOf(a)).toEqual(new Set(["mine"]));
    });

    it("takes the address from another node, and both can tell", async () => {
      const [a, b] = [await identified("a"), await identified("b")];
      await claim(b);
      await claim(a);
      expect(cloud.holders()).toEqual(exclusive ? ["a"] : ["a", "b"]);
      expect(await kindsOf(a)).toEqual(new Set(["mine"]));
      expect(await kindsOf(b)).toEqual(new Set([exclusive ? "other" : "mine"]));
      for (const owner of await ownersOf(b)) {
        if (owner.kind !== "other") continue;
        expect(owner.addresses).toContain(cloud.addressOf("a"));
        expect([owner.stopped, owner.holder === ""]).toEqual([false, false]);
      }
    });

    it("gives nothing up before it has the address, where the cloud can reassign", async () => {
      const [a, b] = [await identified("a"), await identified("b")];
      await claim(b);
      await claim(a);
      const givingUp = cloud.changes().filter((change) => GIVING_UP.test(change));
      expect(givingUp.length > 0).toBe(givesUpFirst);
    });

    it("leaves one owner when two nodes claim at the same time", async () => {
      const [a, b] = [await identified("a"), await identified("b")];
      await Promise.allSettled([claim(a), claim(b)]);
      // A cloud may refuse both, or forget one of two bindings; the takeover's next look repairs that.
      for (const provider of [a, b]) if ((await kindsOf(provider)).has("nobody")) await claim(provider);
      const kinds = [...(await kindsOf(a)), ...(await kindsOf(b))].sort();
      expect(kinds).toEqual(exclusive ? ["mine", "other"] : ["mine", "mine"]);
      expect(cloud.holders()).toHaveLength(exclusive ? 1 : 2);
    });

    it.each<[CloudFault, ProviderErrorKind]>([
      ["throttle", "throttled"],
      ["error-500", "unreachable"],
      ["reset", "unreachable"],
    ])("says what became of a claim: %s is %s, and passes", async (fault, kind) => {
      const a = await identified("a");
      cloud.inject(fault);
      const error = await failureOf(claim(a));
      expect([error.facts.kind, error.retry]).toEqual([kind, "soon"]);
      expect(error.message).not.toMatch(/\n/);
      expect(error.facts.hint).not.toBe("");
      cloud.heal();
      await claim(a);
      expect(cloud.holders()).toEqual(["a"]);
    });

    it("ends a claim that hangs at its deadline", async () => {
      const a = await identified("a", 1.5);
      cloud.inject("hang");
      expect((await failureOf(claim(a))).facts.kind).toBe("unreachable");
    });

    it("says that a claim was denied, which a person has to mend", async () => {
      const a = await identified("a");
      cloud.deny();
      const error = await failureOf(claim(a));
      expect([error.facts.kind, error.retry]).toEqual(["denied", "slowly"]);
      expect(cloud.holders()).toEqual([]);
    });

    it("does no harm when the answer of a claim gets lost", async () => {
      const a = await identified("a");
      cloud.inject("lost-answer");
      await claim(a).catch((error: unknown) => expect(error).toBeInstanceOf(ProviderError));
      cloud.heal();
      await claim(a);
      expect(await kindsOf(a)).toEqual(new Set(["mine"]));
      expect(cloud.holders()).toEqual(["a"]);
    });

    it("recovers within the call when its credentials are refused", async () => {
      const a = await identified("a");
      if (!cloud.expireCredentials) return;
      cloud.expireCredentials();
      await claim(a);
      expect(cloud.holders()).toEqual(["a"]);
    });

    it("passes an outage of metadata off as nothing that a person has to mend", async () => {
      const a = await identified("a");
      cloud.expireCredentials?.();
      cloud.inject("metadata-down");
      await claim(a).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ProviderError);
        expect((error as ProviderError).retry).toBe("soon");
      });
    });

    it.each<CloudFault>(["throttle", "error-500", "reset", "lost-answer"])(
      "never takes a failure for a loss: the owner is not known while the API does %s",
      async (fault) => {
        const a = await identified("a");
        await claim(a);
        cloud.inject(fault);
        const kinds = await kindsOf(a);
        expect(kinds).toEqual(new Set([readsMetadata ? "mine" : "unknown"]));
      },
    );

    it("never takes a failure for a loss: the owner is not known while everything hangs", async () => {
      const a = await identified("a", 1.5);
      await claim(a);
      cloud.inject("metadata-down");
      cloud.inject("hang");
      for (const owner of await ownersOf(a)) {
        expect(owner.kind).toBe("unknown");
        if (owner.kind === "unknown") expect(owner.why).not.toBe("");
      }
    });

    it("ends at once when it is aborted, whatever it was doing", async () => {
      const a = await identified("a");
      cloud.inject("hang");
      for (const call of [claim, (_: Provider, signal: AbortSignal) => a.owner(cloud.vips, signal)]) {
        const abort = new AbortController();
        const ended = call(a, abort.signal).then(
          () => "answered",
          () => "ended",
        );
        await hasBegun();
        abort.abort(new Error("mastership was lost"));
        expect(await ended).toBe("ended");
      }
    });

    it("does not begin a call that is aborted already", async () => {
      const a = await identified("a");
      const before = cloud.changes();
      await expect(claim(a, AbortSignal.abort(new Error("too late")))).rejects.toThrow();
      expect(cloud.changes()).toEqual(before);
      await expect(a.owner(cloud.vips, AbortSignal.abort(new Error("too late")))).rejects.toThrow();
    });

    it("rehearses without moving anything, and is ready", async () => {
      const [a, b] = [await identified("a"), await identified("b")];
      // A claim also mends what a server needs once.
      await claim(b);
      await claim(a);
      const before = cloud.holders();
      expect(await b.rehearse(cloud.vips, live())).toMatchObject({ ready: true, obstacles: [] });
      expect(cloud.holders()).toEqual(before);
    });

    it("finds beforehand that a claim would be denied", async () => {
      const b = await identified("b");
      cloud.deny();
      const { ready, obstacles } = await b.rehearse(cloud.vips, live());
      expect([ready, obstacles.length > 0]).toEqual([deniesUnforeseen, !deniesUnforeseen]);
      for (const { code, message, hint } of obstacles) {
        expect(code).toMatch(/^[a-z0-9]+\/[a-z0-9-]+$/);
        expect([message, hint]).not.toContain("");
      }
    });

    it.each<CloudFault>(["throttle", "error-500", "reset"])(
      "is not ready while the API does %s, and says so",
      async (fault) => {
        const b = await identified("b");
        cloud.inject(fault);
        const { ready, obstacles } = await b.rehearse(cloud.vips, live());
        expect([ready, obstacles.length > 0]).toEqual([false, true]);
      },
    );

    const lookedAt = async (provider: Provider, signal = live()) => {
      const subject = { vips: cloud.vips, peers: [cloud.addressOf("b")] };
      const answers: PreflightAnswer[] = [];
      for await (const answer of provider.preflight?.(subject, signal) ?? []) answers.push(answer);
      return answers;
    };

    it("answers checks of its table, each once, and moves nothing", async () => {
      const [a, b] = [await identified("a"), await identified("b")];
      await claim(b);
      await claim(a);
      const before = cloud.holders();
      const answers = await lookedAt(a);
      const known = new Map((await definition.checks?.())?.map((check) => [check.code, check]));
      expect(answers.map(({ code }) => code).filter((code) => !known.has(code))).toEqual([]);
      expect(new Set(answers.map(({ code }) => code)).size).toBe(answers.length);
      expect(answers.length > 0).toBe(a.preflight !== undefined);
      for (const answer of answers) expectHarmless(answer, known.get(answer.code)?.severity);
      expect(cloud.holders()).toEqual(before);
    });

    it.each<CloudFault>(["throttle", "error-500", "reset", "garbage", "metadata-down"])(
      "keeps a preflight from breaking while the cloud does %s",
      async (fault) => {
        const a = await identified("a");
        cloud.inject(fault);
        const answers = await lookedAt(a).catch((error: unknown) => {
          expect(error).toBeInstanceOf(ProviderError);
          return [];
        });
        expect(JSON.stringify(answers)).not.toMatch(SECRETS);
      },
    );

    it("tells in a preflight that a claim would be denied, where that can be known", async () => {
      const a = await identified("a");
      if (!a.preflight) return;
      cloud.deny();
      const denied = (await lookedAt(a)).filter(
        ({ kind, code }) => kind !== "fine" && /denied|not-ready/.test(code),
      );
      expect(denied.length > 0).toBe(!deniesUnforeseen);
    });

    it("ends a preflight that hangs when it is aborted", async () => {
      const a = await identified("a");
      if (!a.preflight) return;
      cloud.inject("hang");
      const abort = new AbortController();
      const ended = lookedAt(a, abort.signal).then(
        () => "answered",
        () => "ended",
      );
      await hasBegun();
      abort.abort(new Error("nobody waits any more"));
      expect(await ended).toBe("ended");
    });

    it("leaves nothing open behind", async () => {
      const before = sockets();
      const provider = cloud.create("a");
      await provider.identify(live());
      await claim(provider);
      await provider.close();
      await expect.poll(sockets, { timeout: 5_000 }).toBeLessThanOrEqual(before);
      await provider.close();
    });
  });
}

/** What the emulators call their keys. */
const SECRETS = /emulated-(user-)?secret|emulated-session-token|secret-of|token-of/;

/** Nothing is said that is empty; a repair says what it is and is not made here. */
function expectHarmless(answer: PreflightAnswer, severity: string | undefined): void {
  expect(JSON.stringify(answer)).not.toMatch(SECRETS);
  if (answer.kind !== "found") return;
  // A cloud in which nothing is wrong.
  for (const finding of answer.findings) expect(finding.severity ?? severity).toBe("info");
}

/** What a provider may hold open: connections, child processes and their pipes. */
const HANDLES: ReadonlySet<string> = new Set(["TCPSocketWrap", "TLSWrap", "ProcessWrap", "PipeWrap"]);

function live(): AbortSignal {
  return new AbortController().signal;
}

/** Lets a call get under way; how far does not matter. */
function hasBegun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function failureOf(call: Promise<unknown>): Promise<ProviderError> {
  const error: unknown = await call.then(
    () => new Error("the call succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw error;
  return error;
}
