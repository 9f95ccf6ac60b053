import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { DeadlineError, withDeadline } from "../../src/provider/deadline.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Ends when its signal does, as a request to a cloud that hangs; like some libraries it does not pass the reason on. */
function hanging(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("canceled")), { once: true });
  });
}

describe("a deadline", () => {
  it("ends work that takes longer, garbage collected or not", async () => {
    const calls = Array.from({ length: 20 }, () =>
      withDeadline(new AbortController().signal, 50, hanging).catch((error: unknown) => error),
    );
    collectGarbage();
    for (const reason of await Promise.all(calls)) expect(reason).toBeInstanceOf(DeadlineError);
  });

  it("passes an earlier abort on, which is no deadline", async () => {
    const caller = new AbortController();
    const call = withDeadline(caller.signal, 60_000, hanging);
    caller.abort(new Error("mastership was lost"));
    await expect(call).rejects.toThrow("canceled");
  });

  it("passes an abort on that came before the start", async () => {
    const call = withDeadline(AbortSignal.abort(new Error("too late")), 60_000, async (signal) => {
      signal.throwIfAborted();
    });
    await expect(call).rejects.toThrow("too late");
  });

  it("gives what the work gave, and leaves nothing behind", async () => {
    let bounded: AbortSignal | undefined;
    const answer = await withDeadline(new AbortController().signal, 1, async (signal) => {
      bounded = signal;
      return "done";
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect([answer, bounded?.aborted]).toEqual(["done", false]);
  });
});
