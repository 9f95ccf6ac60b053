/** The EC2 Query API: form-encoded requests to `/`, XML answers, errors as EC2 words them. */
import type { CloudAnswer, CloudCall, CloudRequest } from "../base/call.ts";
import type { CallContext, CloudService } from "../base/server.ts";
import { AwsError } from "./aws-error.ts";
import type { AwsCloud } from "./cloud.ts";
import { awsControl } from "./control.ts";
import { readSignature } from "./credentials.ts";
import { newId } from "./ids.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { Query } from "./query.ts";
import { renderXml, type XmlObject } from "./xml.ts";

export class Ec2Service implements CloudService {
  readonly #cloud: AwsCloud;

  constructor(cloud: AwsCloud) {
    this.#cloud = cloud;
  }

  identify(request: CloudRequest): CloudCall {
    const query = new Query(request.body);
    const action = query.get("Action") ?? "(no action)";
    const accessKeyId = readSignature(request.headers)?.accessKeyId;
    const who = this.#cloud.credentials.ownerOf(accessKeyId) ?? accessKeyId ?? "anonymous";
    return { surface: "api", action, who, read: OPERATIONS[action]?.read ?? true, params: query.plain() };
  }

  perform(request: CloudRequest, call: CloudCall, context: CallContext): CloudAnswer {
    try {
      return answerXml(`${call.action}Response`, this.#run(request, call, context));
    } catch (error) {
      if (error instanceof AwsError) return answerError(error);
      throw error;
    }
  }

  failure(kind: "internal-error" | "throttled"): CloudAnswer {
    return answerError(kind === "throttled" ? throttled() : internalError());
  }

  control(method: string, path: string, body: string): CloudAnswer | undefined {
    return awsControl(this.#cloud, method, path, body);
  }

  #run(request: CloudRequest, call: CloudCall, context: CallContext): XmlObject {
    const { account, clock, credentials, permissions, lag } = this.#cloud;
    const signature = readSignature(request.headers);
    credentials.authenticate(signature, context.now);
    const operation = OPERATIONS[call.action];
    if (!operation) {
      throw new AwsError("InvalidAction", `The action ${call.action} is not valid for this web service.`);
    }
    const query = new Query(request.body);
    this.#throttle(operation, call, query);
    permissions.check(call.who, call.action);
    if (operation.dryRun && query.flag("DryRun")) {
      throw new AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    }
    const history = this.#cloud.regionState(signature?.region ?? account.region);
    const now = clock.now();
    const viewTime = Math.max(Math.min(now - lag.describeMs, context.notAfter), history.earliest);
    const view = history.asOf(viewTime);
    return operation.run({ query, account, view, viewTime, now, update: (change) => history.update(change) });
  }

  #throttle(operation: Operation, call: CloudCall, query: Query): void {
    const sizes = this.#cloud.throttling;
    if (!sizes) return;
    const reads = query.filters().size > 0 ? sizes.filteredReads : sizes.unfilteredReads;
    if (!this.#cloud.buckets.take(call.action, operation.read ? reads : sizes.changes)) throw throttled();
  }
}

function throttled(): AwsError {
  return new AwsError("RequestLimitExceeded", "Request limit exceeded.");
}

function internalError(): AwsError {
  return new AwsError("InternalError", "An internal error has occurred");
}

function answerXml(element: string, content: XmlObject): CloudAnswer {
  const requestId = newId("req");
  const namespace = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';
  const body = renderXml(element, { requestId, ...content }, namespace);
  return { status: 200, headers: xmlHeaders(requestId), body };
}

function answerError({ code, message, status }: AwsError): CloudAnswer {
  const requestId = newId("req");
  const body = renderXml("Response", {
    Errors: { Error: { Code: code, Message: message } },
    RequestID: requestId,
  });
  return { status, headers: xmlHeaders(requestId), body, error: code };
}

function xmlHeaders(requestId: string): Readonly<Record<string, string>> {
  return { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId };
}
