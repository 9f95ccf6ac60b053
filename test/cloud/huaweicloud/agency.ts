import { randomBytes } from "node:crypto";
import type { Credential } from "./authentication.ts";

/** Documented: temporary credentials live for an hour, and a new one appears ten minutes before the end. */
export const AGENCY_LIFETIME_MS = 3_600_000;
const RENEWAL_SHARE = 1 / 6;

/** The temporary credentials that servers draw from their agency, and the permanent ones of users. */
export class Credentials {
  readonly #byAccess = new Map<string, Credential>();
  readonly #newestOf = new Map<string, Credential>();
  readonly #lifetimeMs: number;

  constructor(permanent: readonly Credential[], lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
    for (const credential of permanent) this.#byAccess.set(credential.access, credential);
  }

  byAccess(access: string): Credential | undefined {
    return this.#byAccess.get(access);
  }

  /** The server's credentials; new ones once the last are close to their end, and both are valid in the meantime. */
  ofServer(serverId: string, now: number): Credential & { readonly expiresAt: number } {
    const last = this.#newestOf.get(serverId);
    const left = (last?.expiresAt ?? 0) - now;
    if (last?.expiresAt !== undefined && left > this.#lifetimeMs * RENEWAL_SHARE) {
      return { ...last, expiresAt: last.expiresAt };
    }
    const issued = {
      access: `HST${randomBytes(9).toString("hex").toUpperCase().slice(0, 17)}`,
      secret: randomBytes(20).toString("hex"),
      securitytoken: randomBytes(192).toString("base64url"),
      expiresAt: now + this.#lifetimeMs,
      who: serverId,
    };
    this.#newestOf.set(serverId, issued);
    this.#byAccess.set(issued.access, issued);
    return issued;
  }

  /** Ends every temporary credential that was issued so far, as a change of the agency would. */
  revokeTemporary(): void {
    for (const [access, credential] of this.#byAccess) {
      if (credential.expiresAt !== undefined) this.#byAccess.set(access, { ...credential, expiresAt: 0 });
    }
    this.#newestOf.clear();
  }
}
