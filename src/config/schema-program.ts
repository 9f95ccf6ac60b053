import * as z from "zod";
import { splitCommand } from "./command-line.ts";
import { type OptionText, type Reading, readText } from "./option.ts";
import type { ProgramConfig } from "./program.ts";

/** Names and numbers as /etc/passwd has them. */
const USER_NAME = /^[a-z_0-9][\w.-]{0,31}$/i;

/** A user or a group, by name or number. */
export function userName(text: OptionText) {
  return readText("a user's name, such as nobody", readUserName, text);
}

/** A command as text, split into words without a shell. */
export function command(text: OptionText) {
  return readText(
    'an absolute path with its arguments, such as "/usr/local/bin/check --fast"',
    readCommand,
    text,
  );
}

/** A command, or a map that also says who runs it. */
export function program(text: OptionText) {
  return z
    .union([
      command(text).transform(
        (words): ProgramConfig => ({ command: words, user: undefined, group: undefined }),
      ),
      z
        .strictObject({
          script: command(text),
          user: userName({ ...text, description: "The user that runs it." }).optional(),
          group: userName({ ...text, description: "The group that runs it." }).optional(),
        })
        .transform(({ script, user, group }): ProgramConfig => ({ command: script, user, group })),
    ])
    .meta({
      ...text,
      expects: 'a command such as "/etc/cloudvip/notify.sh", or { script: …, user: nobody }',
    });
}

function readCommand(text: string): Reading<ProgramConfig["command"]> {
  // The arguments may hold a password.
  const shown = JSON.stringify(text.trim().split(/\s/)[0]?.slice(0, 60));
  const words = splitCommand(text);
  if (!words) return { ok: false, message: `${shown} has a quote that is not closed`, fix: "close it" };
  const [path, ...args] = words;
  if (path?.startsWith("/") && !text.includes("\0")) return { ok: true, value: [path, ...args] };
  return {
    ok: false,
    message: `${shown} does not begin with an absolute path`,
    fix: "write a path that begins with /; no shell reads the command, so for pipes and variables write a script file",
  };
}

function readUserName(text: string): Reading<string> {
  if (USER_NAME.test(text)) return { ok: true, value: text };
  return {
    ok: false,
    message: `${JSON.stringify(text.slice(0, 40))} is no user's name`,
    fix: "write a name or a number from /etc/passwd",
  };
}
