/** The control API of the Huawei emulator, for use by hand and from other processes. In-process callers have methods. */
import type { CloudAnswer } from "../base/call.ts";
import { commonControl, json } from "../base/control.ts";
import type { FaultBoard } from "../base/faults.ts";
import type { History } from "../base/history.ts";
import type { Journal } from "../base/journal.ts";
import type { Credentials } from "./agency.ts";
import type { CloudState } from "./wire.ts";

/** What can be controlled. */
interface Controlled {
  readonly faults: FaultBoard;
  readonly journal: Journal;
  readonly history: History<CloudState>;
  readonly credentials: Credentials;
  readonly denied: Set<string>;
  readLagMs: number;
}

/**
 * Beside faults and journal: `GET state` · `POST lag {readMs}` · `POST deny {action}` · `DELETE deny` ·
 * `POST expire-credentials`. Undefined for any other path.
 */
export function huaweiControl(
  cloud: Controlled,
  method: string,
  path: string,
  body: string,
): CloudAnswer | undefined {
  const common = commonControl(cloud, method, path, body);
  if (common) return common;
  switch (`${method} ${path}`) {
    case "GET state":
      return json(cloud.history.current);
    case "POST lag":
      cloud.readLagMs = (JSON.parse(body) as { readMs: number }).readMs;
      return json({});
    case "POST deny":
      cloud.denied.add((JSON.parse(body) as { action: string }).action);
      return json({});
    case "DELETE deny":
      cloud.denied.clear();
      return json({});
    case "POST expire-credentials":
      cloud.credentials.revokeTemporary();
      return json({});
  }
  return undefined;
}
