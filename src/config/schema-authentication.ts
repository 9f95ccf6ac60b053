import * as z from "zod";
import { filePath } from "./name.ts";
import { type Reading, readText } from "./option.ts";

/** RFC 2338 §5.3.6.1: the field is 8 bytes; longer passwords are cut by keepalived, which hides that they differ. */
const AUTH_PASS_MAX = 8;

/** `authentication`: the password of VRRP version 2. Its three sources exclude each other, which the rules check. */
export const authenticationSchema = z
  .strictObject({
    auth_type: readText("PASS", readAuthType, {
      description: "PASS: eight bytes of clear text in every advert.",
      why: "It keeps two groups with the same virtual_router_id apart; it stops nobody who can read the network.",
    }).prefault("PASS"),
    auth_pass: readText(
      `text of 1 to ${AUTH_PASS_MAX} bytes in quotes`,
      (value) => readPassword(Buffer.from(value)),
      {
        description: "The password itself, the same on every node.",
        why: "Write it in quotes, or 0042 is read as the number 42. A file or the environment keeps it out of this file.",
        example: "0042",
      },
    ).optional(),
    auth_pass_file: filePath({
      description: "A file that holds the password; line ends after it are dropped.",
      why: "The file can be readable by root alone while this one is shared.",
      example: "/etc/cloudvip/auth_pass",
    }).optional(),
    auth_pass_env: readText("the name of an environment variable", readVariableName, {
      description: "The environment variable that holds the password.",
      why: "For a systemd unit with EnvironmentFile, or a container.",
      example: "CLOUDVIP_AUTH_PASS",
    }).optional(),
  })
  .meta({
    description: "The password of VRRP version 2: auth_pass, auth_pass_file or auth_pass_env.",
    why: "Version 3 has no authentication; the list of peers and the cloud's firewall rules protect it.",
    defaultText: "none",
    expects: "a map such as { auth_type: PASS, auth_pass_file: /etc/cloudvip/auth_pass }",
  });

/**
 * Checks a password wherever it came from, and turns it into what an advert carries: the bytes as Latin-1 text, so that
 * keepalived, which copies the bytes of its file, sends the same. The password is never repeated in a message.
 */
export function readPassword(bytes: Buffer): Reading<string> {
  const fix = `write 1 to ${AUTH_PASS_MAX} bytes, the same on every node`;
  if (bytes.length === 0) return { ok: false, message: "the password is empty", fix };
  if (bytes.includes(0)) return { ok: false, message: "the password holds a zero byte", fix };
  if (bytes.length > AUTH_PASS_MAX) {
    const message = `the password has ${bytes.length} bytes, and an advert carries ${AUTH_PASS_MAX}`;
    return { ok: false, message, fix };
  }
  return { ok: true, value: bytes.toString("latin1") };
}

function readAuthType(value: string): Reading<"PASS"> {
  if (value === "PASS") return { ok: true, value };
  const message =
    value === "AH"
      ? "AH (IPsec authentication header) is not supported"
      : `"${value.slice(0, 40)}" is no auth_type`;
  return { ok: false, message, fix: "write PASS" };
}

export function readVariableName(value: string): Reading<string> {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) return { ok: true, value };
  return {
    ok: false,
    message: `${JSON.stringify(value.slice(0, 40))} is no name of an environment variable`,
    fix: "write letters, digits and underscores, such as CLOUDVIP_AUTH_PASS",
  };
}
