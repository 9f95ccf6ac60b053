import { readFile } from "node:fs/promises";

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The numbers of a user and a group, each given by name or number. Names are looked up in /etc/passwd and /etc/group; those of a
 * directory service are to be given as numbers.
 *
 * @throws Error when there is no such user or group
 */
export async function userIds(user: string, group?: string): Promise<UserIds> {
  const entry = findEntry(await readFile("/etc/passwd", "utf8"), user, PASSWD_UID);
  const uid = entry ? Number(entry[PASSWD_UID]) : numberOf(user);
  if (uid === undefined) throw new Error(`there is no user ${user} in /etc/passwd`);
  const gid = group === undefined ? Number(entry?.[PASSWD_GID] ?? uid) : await groupId(group);
  return { uid, gid };
}

const PASSWD_UID = 2;
const PASSWD_GID = 3;
const GROUP_GID = 2;

async function groupId(group: string): Promise<number> {
  const entry = findEntry(await readFile("/etc/group", "utf8"), group, GROUP_GID);
  const gid = entry ? Number(entry[GROUP_GID]) : numberOf(group);
  if (gid === undefined) throw new Error(`there is no group ${group} in /etc/group`);
  return gid;
}

/** The fields of the line whose name, or whose number at `idField`, is `wanted`. */
function findEntry(text: string, wanted: string, idField: number): readonly string[] | undefined {
  const entries = text.split("\n").map((line) => line.split(":"));
  return entries.find((fields) => fields[0] === wanted || (fields[0] !== "" && fields[idField] === wanted));
}

function numberOf(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
