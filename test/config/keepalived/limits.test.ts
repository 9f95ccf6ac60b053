// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is what keepalived writes
import { describe, expect, it } from "vitest";
import { logicalLines } from "./reading.ts";

describe("what would never end", () => {
  it("stops a definition that holds itself", async () => {
    const { problems } = await logicalLines("$A=$A\nx $A\ny");
    expect(problems).toEqual(["2 error $A is defined by itself; reading stops here"]);
  });

  it("stops a definition that grows", async () => {
    const { problems } = await logicalLines("$A=${A}x\nx $A");
    expect(problems).toEqual(["2 error ${A} makes the line longer than 1023 bytes; reading stops here"]);
  });

  it("stops two definitions that hold each other", async () => {
    const { problems } = await logicalLines("$A=$B\n$B=$A\nx $A");
    expect(problems).toHaveLength(1);
  });

  it("stops a multi-line definition that holds itself", async () => {
    const { problems } = await logicalLines("$A=x \\\n$A\n$A");
    expect(problems).toEqual([
      "3 error definitions, repetitions and includes are nested more than 50 deep; reading stops here",
    ]);
  });

  it("stops a repetition that goes on and on", async () => {
    const { problems } = await logicalLines("~SEQ(N, 1000000000) @^node-a x");
    expect(problems).toEqual(["1 error the file expands to more than 100000 lines; reading stops here"]);
  });

  it("stops repetitions that multiply", async () => {
    const { problems } = await logicalLines("~SEQ(A, 999) ~SEQ(B, 999) ~SEQ(C, 999) x");
    expect(problems).toEqual(["1 error the file expands to more than 100000 lines; reading stops here"]);
  });

  it("stops lines that each use hundreds of definitions", async () => {
    const { problems } = await logicalLines(`$A=\n~SEQ(N, 90000) ${"${A}".repeat(200)}`);
    expect(problems).toEqual(["2 error definitions are used more than 1000000 times; reading stops here"]);
  });

  it("stops includes that go on and on", async () => {
    const { problems } = await logicalLines("~SEQ(N, 90000) include {a,b}${N}*.conf");
    expect(problems.at(-1)).toBe("1 error more than 1000 files are included; reading stops here");
  });

  it("stops a file that includes itself", async () => {
    const file = "/etc/keepalived/a.conf";
    const { problems } = await logicalLines("include a.conf", { files: { [file]: "include a.conf" } });
    expect(problems).toEqual([`${file}:1 error ${file} includes itself; reading stops here`]);
  });

  it("stops files that include each other without end", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [`/etc/keepalived/${n}.conf`, `include ${n + 1}.conf`]),
    );
    const { problems } = await logicalLines("include 0.conf", { files });
    expect(problems).toEqual([expect.stringContaining("nested more than 50 deep; reading stops here")]);
  });
});

describe("lines that keepalived ignores", () => {
  it("ignores a line above 1023 bytes with a warning", async () => {
    expect(await logicalLines(`${"x".repeat(1024)}\ny`)).toMatchObject({
      lines: ["y"],
      problems: ["1 warning the line is longer than 1023 bytes: keepalived ignores it, and so does cloudvip"],
    });
  });

  it("reads a line of 1023 bytes", async () => {
    expect((await logicalLines("x".repeat(1023))).lines).toEqual(["x".repeat(1023)]);
  });

  it("counts bytes, not characters", async () => {
    expect((await logicalLines("é".repeat(512))).lines).toEqual([]);
  });

  it("ignores a line with a zero byte with a warning", async () => {
    expect(await logicalLines("x\0y\nz")).toMatchObject({
      lines: ["z"],
      problems: ["1 warning the line holds a zero byte: keepalived ignores it, and so does cloudvip"],
    });
  });
});

describe("comments that are easily overlooked", () => {
  it("warns of a comment within a word", async () => {
    const { problems } = await logicalLines("auth_pass a#b");
    expect(problems).toEqual([expect.stringContaining('1 warning "#" begins a comment even inside a word')]);
  });

  it("says nothing of a comment behind a blank or a brace", async () => {
    expect((await logicalLines("a # b\nc {# d\n}! e")).problems).toEqual([]);
  });

  it("warns of an escaped #, which keepalived 2.2 does not understand", async () => {
    const { problems } = await logicalLines("auth_pass a\\#b");
    expect(problems).toEqual([expect.stringContaining('1 warning keepalived 2.2 begins a comment at "\\#"')]);
  });

  it("refuses a quote that is never closed", async () => {
    const { problems } = await logicalLines('auth_pass "a#b');
    expect(problems).toEqual(['1 error a double quote (") is never closed']);
  });
});

describe("conditions", () => {
  it("warns when every conditional line is for another node", async () => {
    const { problems } = await logicalLines("@node-b x\n@node-c y\n@node-b z");
    expect(problems).toEqual([
      '1 warning every line with a condition is for another node: this one\'s config id is "node-a"',
    ]);
  });

  it("says nothing when one of them is for this node", async () => {
    expect((await logicalLines("@node-b x\n@node-a y")).problems).toEqual([]);
  });
});
