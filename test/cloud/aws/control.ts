/** The control API of the AWS emulator, for use by hand and from other processes. In-process callers have methods. */
import type { CloudAnswer } from "../base/call.ts";
import { commonControl, json } from "../base/control.ts";
import { AwsError } from "./aws-error.ts";
import type { AwsCloud, Lag } from "./cloud.ts";
import { OPERATIONS } from "./operations.ts";
import { Query } from "./query.ts";

/**
 * Beside faults and journal: `GET state` · `POST settle` · `POST lag {describeMs?, metadataMs?}` ·
 * `POST deny {action, who?}` · `DELETE deny` · `POST expire-credentials {who}` · `POST drain {action}` ·
 * `POST instance-state {instanceId, state}` · `POST call` with an EC2 Query request, which is carried out as if somebody with
 * every right had signed it. Undefined for any other path.
 */
export function awsControl(
  cloud: AwsCloud,
  method: string,
  path: string,
  body: string,
): CloudAnswer | undefined {
  const common = commonControl(cloud, method, path, body);
  if (common) return common;
  switch (`${method} ${path}`) {
    case "GET state":
      return json(cloud.state.current);
    case "POST settle":
      cloud.state.settle();
      return json({});
    case "POST lag":
      Object.assign(cloud.lag, JSON.parse(body) as Partial<Lag>);
      return json(cloud.lag);
    case "DELETE deny":
      cloud.permissions.reset();
      return json({});
    case "POST deny": {
      const { action, who } = JSON.parse(body) as { action: string; who?: string };
      cloud.permissions.deny(action, who);
      return json({});
    }
    case "POST expire-credentials":
      cloud.credentials.expire((JSON.parse(body) as { who: string }).who);
      return json({});
    case "POST drain":
      cloud.drain((JSON.parse(body) as { action: string }).action);
      return json({});
    case "POST instance-state": {
      const { instanceId, state } = JSON.parse(body) as { instanceId: string; state: "running" | "stopped" };
      cloud.setInstanceState(instanceId, state);
      return json({});
    }
    case "POST call":
      return call(cloud, body);
  }
  return undefined;
}

function call(cloud: AwsCloud, body: string): CloudAnswer {
  const { account, clock, state } = cloud;
  const query = new Query(body);
  const operation = OPERATIONS[query.get("Action") ?? ""];
  if (!operation) return json({ error: "no such Action" }, 400);
  const now = clock.now();
  const update = state.update.bind(state);
  try {
    return json(operation.run({ query, account, view: state.current, viewTime: now, now, update }));
  } catch (error) {
    if (error instanceof AwsError) return json({ error: error.code, message: error.message }, error.status);
    throw error;
  }
}
