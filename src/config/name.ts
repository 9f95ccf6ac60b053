import { type OptionText, type Reading, readText } from "./option.ts";

/** The kernel's IFNAMSIZ is 16 with the closing zero; address labels share the limit. */
const INTERFACE_NAME_MAX = 15;
/** `sockaddr_un` holds 108 bytes with the closing zero. */
const SOCKET_PATH_MAX = 107;

/** The name of a network interface as the kernel accepts it. */
export function interfaceName(text: OptionText) {
  return readText(
    `the name of a network interface, at most ${INTERFACE_NAME_MAX} characters`,
    readInterfaceName,
    text,
  );
}

/** The label of an address, such as `eth0:1`. */
export function addressLabel(text: OptionText) {
  return readText(`a label of at most ${INTERFACE_NAME_MAX} characters, such as "eth0:1"`, readLabel, text);
}

export function filePath(text: OptionText) {
  return readText("an absolute path", readPath, text);
}

export function socketPath(text: OptionText) {
  return readText(`an absolute path of at most ${SOCKET_PATH_MAX} bytes`, readSocketPath, text);
}

/** A name that appears in logs: visible text on one line. */
export function shownName(expects: string, text: OptionText) {
  return readText(expects, (value) => readShownName(value, expects), text);
}

function readInterfaceName(value: string): Reading<string> {
  const fix = "write the name that `ip link` shows, such as eth0";
  if (value === "lo")
    return { ok: false, message: "lo is the loopback interface, which no peer can reach", fix };
  if (value === "." || value === ".." || !/^[^\s/:\p{C}]+$/u.test(value)) {
    return { ok: false, message: `${JSON.stringify(value.slice(0, 40))} is no interface name`, fix };
  }
  return withinBytes(value, INTERFACE_NAME_MAX, fix);
}

function readLabel(value: string): Reading<string> {
  const fix = `write at most ${INTERFACE_NAME_MAX} characters without spaces, such as "eth0:1"`;
  if (!/^[^\s\p{C}]+$/u.test(value))
    return { ok: false, message: `${JSON.stringify(value.slice(0, 40))} is no label`, fix };
  return withinBytes(value, INTERFACE_NAME_MAX, fix);
}

function readPath(value: string): Reading<string> {
  if (value.startsWith("/") && !value.includes("\0")) return { ok: true, value };
  return {
    ok: false,
    message: `${JSON.stringify(value.slice(0, 60))} is no absolute path`,
    fix: "write a path that begins with /",
  };
}

function readSocketPath(value: string): Reading<string> {
  const path = readPath(value);
  return path.ok
    ? withinBytes(value, SOCKET_PATH_MAX, "write a shorter path, such as /run/cloudvip/cloudvip.sock")
    : path;
}

function readShownName(value: string, expects: string): Reading<string> {
  if (/^[^\p{C}]{1,64}$/u.test(value) && value.trim() === value) return { ok: true, value };
  return { ok: false, message: `${JSON.stringify(value.slice(0, 60))} is no name`, fix: `write ${expects}` };
}

function withinBytes(value: string, limit: number, fix: string): Reading<string> {
  const length = Buffer.byteLength(value);
  if (length <= limit) return { ok: true, value };
  return { ok: false, message: `"${value.slice(0, 60)}" has ${length} bytes, and ${limit} is the most`, fix };
}
