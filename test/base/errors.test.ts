import { describe, expect, it } from "vitest";
import { messageOf, OperatorError } from "../../src/base/errors.ts";
import { InvariantError, invariant } from "../../src/base/invariant.ts";

describe("an error for the operator", () => {
  it("carries what happened, a code for scripts, what to do, and its cause", () => {
    const cause = new Error("EPERM");
    const facts = { code: "linux/no-cap-net-raw", message: "no raw socket", hint: "run as root" };
    const error = new OperatorError(facts, { cause });
    expect(error).toMatchObject({ ...facts, name: "OperatorError", cause });
  });

  it("is read like anything else that is thrown", () => {
    expect(messageOf(new Error("a message"))).toBe("a message");
    expect(messageOf("text")).toBe("text");
    expect(messageOf(undefined)).toBe("undefined");
  });
});

describe("an invariant", () => {
  it("stops on what cannot be, and says that it is our bug", () => {
    expect(() => invariant(false, "only a MASTER advertises")).toThrow(
      new InvariantError("only a MASTER advertises"),
    );
    expect(() => invariant(true, "only a MASTER advertises")).not.toThrow();
  });
});
