import { dirname } from "node:path";
import type { Discovery, DoctorContext } from "./check.ts";
import type { DoctorHost } from "./host.ts";

/** Everything for everybody else. */
export const OPEN_TO_OTHERS = 0o007;
const [GROUP_WRITABLE, OTHERS_WRITABLE, STICKY] = [0o020, 0o002, 0o1000];

/** A file or a directory that somebody beside root, the agent's user, and whoever runs doctor, may change. */
export function writableByOthers(path: string, { host, agent }: DoctorContext): readonly Discovery[] {
  const owner = host.ownership(path);
  if (!owner) return [];
  const trusted = [0, process.geteuid?.(), agent && host.ownership(`/proc/${agent.pid}`)?.uid, ownUser(host)];
  const foreign = !trusted.includes(owner.uid);
  return [
    ...(foreign ? [ownedByOthers(path, owner.uid)] : []),
    // In a directory such as /tmp everybody makes files, but replaces only their own.
    ...((owner.mode & STICKY) === 0 ? openToOthers(path, owner.mode) : []),
  ];
}

/** The user that the unit in deploy/ runs the agent as. */
function ownUser(host: DoctorHost): number | undefined {
  const uid = /^cloudvip:[^:]*:(\d+):/m.exec(host.readText("/etc/passwd") ?? "")?.[1];
  return uid === undefined ? undefined : Number(uid);
}

export function directoriesOf(files: readonly string[]): readonly string[] {
  return [...new Set(files.map((file) => dirname(file)))];
}

export function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

function openToOthers(path: string, mode: number): readonly Discovery[] {
  const others = (mode & OTHERS_WRITABLE) !== 0 ? "all users" : undefined;
  const group = (mode & GROUP_WRITABLE) !== 0 ? "its group" : undefined;
  const who = others ?? group;
  if (who === undefined) return [];
  return [
    {
      severity: others ? "failure" : "warning",
      message: `${path} is writable by ${who}`,
      evidence: [`mode ${octal(mode)}`],
      consequence: CONSEQUENCE,
      fix: { advice: "let only its owner write it", commands: [["chmod", "go-w", path]] },
    },
  ];
}

function ownedByOthers(path: string, uid: number): Discovery {
  return {
    message: `${path} belongs to user ${uid}, who may change it`,
    evidence: [`uid ${uid}`],
    consequence: CONSEQUENCE,
    fix: { advice: "give it to root", commands: [["chown", "root", path]] },
  };
}

const CONSEQUENCE = "they can make the agent do what they want";
