/** The part of the control API that every emulated cloud shares: `/_emulator/faults`, `/_emulator/journal`. */
import type { CloudAnswer } from "./call.ts";
import type { FaultBoard, FaultRule } from "./faults.ts";
import type { Journal } from "./journal.ts";

/**
 * `POST faults` with a {@link FaultRule} sets a fault, `GET faults` lists, `DELETE faults` or `faults/ID` clears;
 * `GET journal` lists the calls, `DELETE journal` forgets them. Undefined for any other path.
 */
export function commonControl(
  parts: { readonly faults: FaultBoard; readonly journal: Journal },
  method: string,
  path: string,
  body: string,
): CloudAnswer | undefined {
  const [resource, id] = path.split("/");
  switch (`${method} ${resource}`) {
    case "GET faults":
      return json(parts.faults.active());
    case "POST faults":
      return json({ id: parts.faults.inject(JSON.parse(body) as FaultRule) });
    case "DELETE faults":
      parts.faults.clear(id ? Number(id) : undefined);
      return json({});
    case "GET journal":
      return json(parts.journal.entries());
    case "DELETE journal":
      parts.journal.clear();
      return json({});
  }
  return undefined;
}

export function json(value: unknown, status = 200): CloudAnswer {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: `${JSON.stringify(value, undefined, 2)}\n` };
}
