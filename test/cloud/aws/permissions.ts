import { AwsError } from "./aws-error.ts";

/** Which actions each caller may use. Everything is allowed until something is said. */
export class Permissions {
  readonly #accountId: string;
  #denied: readonly { readonly action: string; readonly who: string | undefined }[] = [];
  readonly #allowedOnly = new Map<string, ReadonlySet<string>>();

  constructor(accountId: string) {
    this.#accountId = accountId;
  }

  /** Denies an action such as `ReplaceRoute` to one caller, or to all. */
  deny(action: string, who?: string): void {
    this.#denied = [...this.#denied, { action, who }];
  }

  /** Allows a caller exactly these actions, as a policy does; `ec2:` may stand before each. */
  allowOnly(who: string, actions: readonly string[]): void {
    this.#allowedOnly.set(who, new Set(actions.map((action) => action.replace(/^ec2:/, ""))));
  }

  /** Everything is allowed again. */
  reset(): void {
    this.#denied = [];
    this.#allowedOnly.clear();
  }

  /** @throws {AwsError} `UnauthorizedOperation`, with the encoded message that EC2 adds */
  check(who: string, action: string): void {
    const denied = this.#denied.some((rule) => rule.action === action && (rule.who ?? who) === who);
    if (!denied && (this.#allowedOnly.get(who)?.has(action) ?? true)) return;
    const principal = `arn:aws:sts::${this.#accountId}:assumed-role/emulated/${who}`;
    throw new AwsError(
      "UnauthorizedOperation",
      `You are not authorized to perform this operation. User: ${principal} is not authorized to perform: ` +
        `ec2:${action} because no identity-based policy allows the ec2:${action} action. ` +
        `Encoded authorization failure message: ${Buffer.from(`${who} ${action}`).toString("base64url")}`,
    );
  }
}
