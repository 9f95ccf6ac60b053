/** The instance metadata service, version 2 only, as one instance sees it. */
import { randomBytes } from "node:crypto";
import type { CloudAnswer, CloudCall, CloudRequest } from "../base/call.ts";
import type { CallContext, CloudService } from "../base/server.ts";
import type { AwsCloud } from "./cloud.ts";
import { type AwsState, attachmentAt, elasticAddressOn, type Interface } from "./state.ts";

const TOKEN_PATH = "/latest/api/token";
const TOKEN_LIFETIME_MAX_SECONDS = 21_600;

interface MetadataView {
  readonly state: Readonly<AwsState>;
  readonly time: number;
}

export class MetadataService implements CloudService {
  readonly #cloud: AwsCloud;
  readonly #instanceId: string;
  readonly #tokens = new Map<string, number>();

  constructor(cloud: AwsCloud, instanceId: string) {
    this.#cloud = cloud;
    this.#instanceId = instanceId;
  }

  identify(request: CloudRequest): CloudCall {
    return { surface: "metadata", action: request.path, who: this.#instanceId, read: true, params: {} };
  }

  perform(request: CloudRequest, _call: CloudCall, context: CallContext): CloudAnswer {
    if (request.headers["x-forwarded-for"] !== undefined) return refuse(403, "Forbidden");
    if (request.method === "PUT" && request.path === TOKEN_PATH) return this.#issueToken(request);
    if (request.method !== "GET") return refuse(405, "Method Not Allowed");
    const expiry = this.#tokens.get(String(request.headers["x-aws-ec2-metadata-token"]));
    if (expiry === undefined || expiry <= this.#cloud.clock.now()) return refuse(401, "Unauthorized");
    const body = this.#read(request.path, context);
    return body === undefined ? refuse(404, "Not Found") : { status: 200, headers: PLAIN, body };
  }

  failure(kind: "internal-error" | "throttled"): CloudAnswer {
    return kind === "throttled" ? refuse(429, "Too Many Requests") : refuse(500, "Internal Server Error");
  }

  /** Every token stops being valid, as after a stop and start of the instance. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  #issueToken(request: CloudRequest): CloudAnswer {
    const seconds = Number(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    if (!(seconds >= 1 && seconds <= TOKEN_LIFETIME_MAX_SECONDS)) return refuse(400, "Bad Request");
    const token = randomBytes(24).toString("base64");
    this.#tokens.set(token, this.#cloud.clock.now() + seconds * 1000);
    const headers = { ...PLAIN, "x-aws-ec2-metadata-token-ttl-seconds": seconds.toString() };
    return { status: 200, headers, body: token };
  }

  #read(path: string, context: CallContext): string | undefined {
    const { state, clock, lag } = this.#cloud;
    const time = Math.max(Math.min(clock.now() - lag.metadataMs, context.notAfter), state.earliest);
    const view = { state: state.asOf(time), time };
    if (path === "/latest/dynamic/instance-identity/document") return this.#identityDocument(view);
    const item = /^\/latest\/meta-data\/(.*[^/])\/?$/.exec(path)?.[1] ?? "";
    if (item.startsWith("iam/")) return this.#credentials(item);
    const macs = /^network\/interfaces\/macs(?:\/([^/]+)\/(.+))?$/.exec(item);
    return macs ? this.#network(view, macs[1], macs[2]) : this.#instance(view, item);
  }

  #instance(view: MetadataView, item: string): string | undefined {
    const { account } = this.#cloud;
    const instanceId = this.#instanceId;
    const primary = this.#interfaces(view).find(([, one]) => one.attachment?.deviceIndex === 0)?.[1];
    const zone = view.state.subnets[primary?.subnetId ?? ""]?.availabilityZone;
    const items: Readonly<Record<string, string | undefined>> = {
      "instance-id": instanceId,
      "instance-type": view.state.instances[instanceId]?.type,
      mac: primary?.mac,
      "local-ipv4": primary?.addresses[0],
      "placement/region": account.region,
      "placement/availability-zone": zone,
    };
    return items[item];
  }

  #network(view: MetadataView, mac: string | undefined, item: string | undefined): string | undefined {
    const interfaces = this.#interfaces(view);
    if (!mac) return lines(interfaces.map(([, one]) => `${one.mac}/`));
    const [interfaceId, one] = interfaces.find(([, candidate]) => candidate.mac === mac) ?? [];
    const subnet = view.state.subnets[one?.subnetId ?? ""];
    if (!interfaceId || !one || !subnet) return undefined;
    const vpc = view.state.vpcs[subnet.vpcId];
    const publicIps = one.addresses.flatMap(
      (address) => elasticAddressOn(view.state, interfaceId, address)?.[1].publicIp ?? [],
    );
    const items: Readonly<Record<string, string | undefined>> = {
      "interface-id": interfaceId,
      "device-number": one.attachment?.deviceIndex.toString(),
      "subnet-id": one.subnetId,
      "vpc-id": subnet.vpcId,
      "owner-id": this.#cloud.account.accountId,
      "security-group-ids": lines(one.securityGroupIds),
      "local-ipv4s": lines(one.addresses),
      ipv6s: lines(one.ipv6Addresses),
      "public-ipv4s": lines(publicIps),
      "subnet-ipv4-cidr-block": subnet.cidrBlock,
      "subnet-ipv6-cidr-blocks": subnet.ipv6CidrBlock,
      "vpc-ipv4-cidr-blocks": vpc?.cidrBlock,
    };
    return items[item ?? ""];
  }

  /** Interfaces that the instance sees: attached, or on their way in or out. */
  #interfaces({ state, time }: MetadataView): readonly [string, Interface][] {
    return Object.entries(state.interfaces).filter(
      ([, one]) => attachmentAt(one, time)?.instanceId === this.#instanceId,
    );
  }

  #identityDocument(view: MetadataView): string {
    const { accountId, region } = this.#cloud.account;
    return JSON.stringify({
      accountId,
      region,
      instanceId: this.#instanceId,
      instanceType: this.#instance(view, "instance-type"),
      privateIp: this.#instance(view, "local-ipv4"),
      availabilityZone: this.#instance(view, "placement/availability-zone"),
    });
  }

  #credentials(item: string): string | undefined {
    const { state, credentials, account, clock } = this.#cloud;
    const role = state.current.instances[this.#instanceId]?.role;
    if (!role) return undefined;
    const InstanceProfileArn = `arn:aws:iam::${account.accountId}:instance-profile/${role}`;
    if (item === "iam/info") return JSON.stringify({ Code: "Success", InstanceProfileArn });
    if (item === "iam/security-credentials") return role;
    if (item !== `iam/security-credentials/${role}`) return undefined;
    const key = credentials.forInstance(this.#instanceId);
    return JSON.stringify({
      Code: "Success",
      LastUpdated: new Date(clock.now()).toISOString(),
      Type: "AWS-HMAC",
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      Token: key.sessionToken,
      Expiration: new Date(key.expiresAt).toISOString(),
    });
  }
}

const PLAIN = { "content-type": "text/plain" };

function refuse(status: number, body: string): CloudAnswer {
  return { status, headers: PLAIN, body, error: `${status}` };
}

/** A list as metadata print it; an empty one is absent. */
function lines(values: readonly string[]): string | undefined {
  return values.length > 0 ? values.join("\n") : undefined;
}
