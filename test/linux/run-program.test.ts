import { chmod, chown, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProgramOutcome, runProgram } from "../../src/linux/run-program.ts";
import { isRunning } from "../lab/proc.ts";
import { waitFor } from "../lab/wait-for.ts";
import { requires } from "../setup/requires.ts";

const LONG_MS = 30_000;
const NOBODY = 65_534;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudvip-program-"));
  await chmod(folder, 0o755);
});

afterEach(() => rm(folder, { recursive: true }));

async function script(text: string, mode = 0o755): Promise<string> {
  const path = join(folder, "script.sh");
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, mode);
  return path;
}

function run(path: string, { timeoutMs = LONG_MS, user, args = [] }: RunOptions = {}) {
  return runProgram({ command: [path, ...args], user, group: undefined }, timeoutMs);
}

interface RunOptions {
  readonly timeoutMs?: number;
  readonly user?: string;
  readonly args?: readonly string[];
}

async function outcomeOf(text: string, options: RunOptions = {}): Promise<ProgramOutcome> {
  return await run(await script(text), options).outcome;
}

describe("a program", () => {
  it("that ends with exit code 0 is a success, and its last line the evidence", async () => {
    const { ok, detail } = await outcomeOf("echo first; echo 'all is well'; echo");
    expect({ ok, detail }).toEqual({ ok: true, detail: "exit code 0: all is well" });
  });

  it.each([
    ["exit 3", "exit code 3"],
    ["echo 100% lost >&2; exit 1", "exit code 1: 100% lost"],
    ["kill -KILL $$", "killed by SIGKILL"],
  ])("that does `%s` is a failure", async (text, detail) => {
    expect(await outcomeOf(text)).toMatchObject({ ok: false, detail });
  });

  it("gets its arguments as they are, and an environment without ours", async () => {
    process.env["CLOUDVIP_TEST_SECRET"] = "hunter2";
    const args = ["two words", "$HOME", "*"];
    const { output } = await outcomeOf('printf "%s|" "$@"; env', { args });
    delete process.env["CLOUDVIP_TEST_SECRET"];
    expect(output).toContain("two words|$HOME|*|");
    expect(output).not.toContain("hunter2");
  });

  it("that prints megabytes is read to its end, and only the end is kept", async () => {
    const { ok, detail, output } = await outcomeOf("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end");
    expect({ ok, detail }).toEqual({ ok: true, detail: "exit code 0: end" });
    expect(output.length).toBeLessThanOrEqual(64 * 1024);
  });

  it("whose last line is odd is shown without its control characters, and not endlessly", async () => {
    const { detail } = await outcomeOf("printf '\\033[31mred\\a %0900d\\n' 7; exit 1");
    expect(detail).toMatch(/^exit code 1: \[31mred 0+$/);
    expect(detail.length).toBeLessThan(400);
  });

  it("that leaves a child behind with the pipe open has ended all the same", async () => {
    const { ok, output } = await outcomeOf("sleep 60 & echo $!");
    expect(ok).toBe(true);
    process.kill(Number(output));
  });

  it("that ignores SIGTERM has failed at the timeout, and is killed with its children", async () => {
    const path = await script(`trap '' TERM; sleep 60 & echo $! > ${folder}/child; wait; sleep 60`);
    const { outcome, ended } = run(path, { timeoutMs: 300 });
    const { ok, detail } = await outcome;
    expect({ ok, detail }).toEqual({ ok: false, detail: "no end after 0.3 s, so it was killed" });
    await ended;
    const child = Number(await readFile(join(folder, "child"), "utf8"));
    await waitFor(() => !isRunning(child), { what: "the child to be gone" });
  });

  it("that obeys SIGTERM takes its children with it", async () => {
    const path = await script(`(trap '' TERM; sleep 60) & echo $! > ${folder}/child; wait`);
    const { ended } = run(path, { timeoutMs: 300 });
    await ended;
    const child = Number(await readFile(join(folder, "child"), "utf8"));
    await waitFor(() => !isRunning(child), { what: "the child to be gone" });
  });
});

describe("a program that cannot run", () => {
  it("is missing", async () => {
    const path = join(folder, "nothing.sh");
    expect(await run(path).outcome).toMatchObject({ ok: false, detail: `${path} does not exist` });
  });

  it("is not executable", async () => {
    const path = await script("exit 0", 0o644);
    expect(await run(path).outcome).toMatchObject({ ok: false, detail: `${path} is not executable` });
  });

  it("is no program", async () => {
    const path = join(folder, "noise");
    await writeFile(path, "\u0000\u0001\u0002", { mode: 0o755 });
    expect(await run(path).outcome).toMatchObject({ ok: false });
  });
});

describe("a program that others could replace is not run", () => {
  beforeEach(requires("root"));

  it("because everybody may write it", async () => {
    const path = await script("touch run", 0o757);
    expect((await run(path).outcome).detail).toBe(
      `not run, because others could replace it: ${path} can be written by everybody`,
    );
  });

  it("because a group may", async () => {
    const path = await script("exit 0", 0o775);
    await chown(path, 0, NOBODY);
    expect((await run(path).outcome).detail).toContain(
      `can be written by the group with the number ${NOBODY}`,
    );
  });

  it("because it belongs to somebody else", async () => {
    const path = await script("exit 0");
    await chown(path, NOBODY, 0);
    expect((await run(path).outcome).detail).toContain(`belongs to the user with the number ${NOBODY}`);
  });

  it("but is when it runs as its owner", async () => {
    const path = await script("id -u");
    await chown(path, NOBODY, 0);
    expect(await run(path, { user: "nobody" }).outcome).toMatchObject({ ok: true, output: `${NOBODY}\n` });
  });

  it("because its directory is open", async () => {
    const open = join(folder, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    await writeFile(join(open, "script.sh"), "#!/bin/sh\n", { mode: 0o755 });
    expect((await run(join(open, "script.sh")).outcome).detail).toContain(
      `${open} can be written by everybody`,
    );
  });

  it("because the target of a link is", async () => {
    const target = await script("exit 0", 0o757);
    const link = join(folder, "link");
    await symlink("script.sh", link);
    expect((await run(link).outcome).detail).toContain(`${target} can be written by everybody`);
  });

  it("nor one that a link leads to in circles", async () => {
    const link = join(folder, "circle");
    await symlink("circle", link);
    expect((await run(link).outcome).detail).toContain("leads nowhere");
  });
});

describe("a program of another user", () => {
  beforeEach(requires("root"));

  it("runs with that user's numbers and no further groups", async () => {
    const { output } = await outcomeOf("id -u; id -g; id -G", { user: "nobody" });
    expect(output).toBe(`${NOBODY}\n${NOBODY}\n${NOBODY}\n`);
  });

  it("does not run when there is no such user", async () => {
    const { ok, detail } = await outcomeOf("exit 0", { user: "nobody-at-all" });
    expect(ok).toBe(false);
    expect(detail).toContain("there is no user nobody-at-all in /etc/passwd");
  });
});
