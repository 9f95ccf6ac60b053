/** Finds out by trying what this machine lets the demo do: to be root is not enough in a container, and not needed elsewhere. */
import { spawn } from "node:child_process";
import { messageOf } from "../../base/errors.ts";
import { EXIT } from "../exit-codes.ts";
import { ownName } from "./namespaces.ts";
import { runTool, TOOL_ENVIRONMENT } from "./tool.ts";

/** Where the demo can play: on real packets, or, for the reasons given, without. */
export type Playground =
  | { readonly kind: "namespaces"; readonly asRoot: boolean }
  | { readonly kind: "none"; readonly why: readonly string[] };

/** `elsewhere`: in a user namespace, where the demo has to be started again. */
export type Surroundings = Playground | { readonly kind: "elsewhere" };

/** All that the demo does to the machine, in small. */
const REHEARSAL = `
  ip netns add "$0"
  trap 'ip netns del "$0"' EXIT
  ip -n "$0" link add name br0 type bridge
  ip -n "$0" link add name veth0 type veth peer name veth1
  ip -n "$0" link set dev br0 up
  ip -n "$0" link set dev veth0 master br0 up
  bridge -n "$0" link set dev veth0 state 0
  ip netns exec "$0" setpriv --pdeathsig TERM true`;

/** Root of a user namespace may make network namespaces of its own, whose names need a /run that it may write to. */
const USER_NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "--mount"] as const;
const OWN_RUN = "mount -t tmpfs tmpfs /run";

/** Set inside, so that the demo does not look for yet another user namespace there. */
const INSIDE = "CLOUDVIP_DEMO_INSIDE";

export async function findSurroundings(): Promise<Surroundings> {
  const inside = process.env[INSIDE] !== undefined;
  if (await complaintOf(["ip", "-V"])) {
    return { kind: "none", why: ["`ip` is missing (Debian, Ubuntu: apt-get install iproute2)"] };
  }
  const asRoot = process.getuid?.() === 0;
  const complaint = asRoot ? await complaintOf(["sh", "-ec", REHEARSAL, ownName("probe")]) : "not root";
  if (complaint === undefined) return { kind: "namespaces", asRoot: !inside };
  if (inside) return { kind: "none", why: [complaint] };
  const script = `${OWN_RUN}\n${REHEARSAL}`;
  const second = await complaintOf([...USER_NAMESPACE, "sh", "-ec", script, ownName("probe")]);
  return second === undefined
    ? { kind: "elsewhere" }
    : { kind: "none", why: [complaint, `in a user namespace: ${second}`] };
}

/** Starts this same command again inside a user namespace; resolves with its exit code. */
export function runInUserNamespace(): Promise<number> {
  const script = `${OWN_RUN}\nexec "$@"`;
  const again = [process.execPath, ...process.argv.slice(1)];
  const [file, ...args] = [
    ...USER_NAMESPACE,
    "setpriv",
    "--pdeathsig",
    "TERM",
    "sh",
    "-ec",
    script,
    "sh",
    ...again,
  ];
  const child = spawn(file, args, { stdio: "inherit", env: { ...TOOL_ENVIRONMENT, [INSIDE]: "1" } });
  // Ctrl-C reaches both; the one inside cleans up, and this one waits for it.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? EXIT.failed));
  });
}

/** The last thing that a command says before it fails; undefined when it succeeds. */
async function complaintOf(command: readonly [string, ...string[]]): Promise<string | undefined> {
  try {
    await runTool(command);
    return undefined;
  } catch (error) {
    return messageOf(error).trim().split("\n").at(-1);
  }
}
