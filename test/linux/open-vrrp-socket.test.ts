import { afterEach, expect, test, vi } from "vitest";
import { OperatorError } from "../../src/base/errors.ts";
import { openVrrpSocket } from "../../src/linux/open-vrrp-socket.ts";
import { openArpAnnouncer } from "../../src/linux/packet-socket.ts";
import { makeNamespace, requireAdapter, requireNamespaces } from "./in-namespace.ts";

const NO_EVENTS = { onPacket: () => {}, onSendError: () => {}, onError: () => {} };

test("libc is the default, and raw-socket is opened on request", (context) => {
  requireNamespaces(context);
  requireAdapter("raw-socket", context);
  const namespace = makeNamespace();
  for (const [options, adapter] of [
    [{}, "libc"],
    [{ adapter: "libc" }, "libc"],
    [{ adapter: "raw-socket" }, "raw-socket"],
  ] as const) {
    const socket = namespace.run(() => openVrrpSocket(NO_EVENTS, options));
    expect(socket.adapter).toBe(adapter);
    socket.close();
  }
  namespace.close();
});

test("whoever insists on raw-socket where it is not compiled reads how to compile it", async () => {
  const openWithout = await openOnAMachineWithoutTheAddOn();
  expect(() => openWithout(NO_EVENTS, { adapter: "raw-socket" })).toThrowError(
    expect.objectContaining({
      code: "linux/no-raw-socket",
      hint: expect.stringContaining("npm rebuild raw-socket"),
    }),
  );
});

test.for(["raw-socket", "libc"] as const)(
  "without CAP_NET_RAW the operator reads what to do about it, through %s",
  (adapter, context) => {
    requireAdapter(adapter, context);
    const error = withoutPrivileges(() => openVrrpSocket(NO_EVENTS, { adapter }));
    expect(error).toBeInstanceOf(OperatorError);
    expect(error).toMatchObject({
      code: "linux/no-cap-net-raw",
      message: expect.stringContaining("CAP_NET_RAW"),
      hint: expect.stringMatching(/root.*AmbientCapabilities=CAP_NET_RAW/),
    });
  },
);

test("without CAP_NET_RAW there is no packet socket either, and the operator reads the same", () => {
  expect(withoutPrivileges(openArpAnnouncer)).toMatchObject({ code: "linux/no-cap-net-raw" });
});

const ADAPTER_MODULE = "../../src/linux/raw-socket-adapter.ts";

afterEach(() => {
  vi.doUnmock(ADAPTER_MODULE);
  vi.resetModules();
});

async function openOnAMachineWithoutTheAddOn(): Promise<typeof openVrrpSocket> {
  vi.resetModules();
  vi.doMock(ADAPTER_MODULE, async (original) => ({
    ...(await original<object>()),
    loadRawSocket: () => undefined,
  }));
  return (await import("../../src/linux/open-vrrp-socket.ts")).openVrrpSocket;
}

/** What `work` throws when this process is not root. */
function withoutPrivileges(work: () => unknown): unknown {
  const wasRoot = process.geteuid?.() === 0;
  if (wasRoot) process.seteuid?.(65534);
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    if (wasRoot) process.seteuid?.(0);
  }
}
