import { join } from "node:path";
import { RunningProcess } from "../lab/process.ts";
import { waitFor } from "../lab/wait-for.ts";
import { DEBIAN_PYTHON } from "../setup/requires.ts";

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A real SMTP server, aiosmtpd, on loopback. */
export class MailServer {
  readonly port: number;
  readonly #process: RunningProcess;

  private constructor(process: RunningProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(...options: readonly "auth"[]): Promise<MailServer> {
    const process = new RunningProcess([
      DEBIAN_PYTHON,
      join(import.meta.dirname, "mail-server.py"),
      ...options,
    ]);
    const port = await waitFor(() => Number(process.stdout().split("\n")[0]) || undefined, {
      what: "the mail server's port",
      seen: () => process.stderr(),
    });
    return new MailServer(process, port);
  }

  /** The mail that came in for this recipient. */
  mailTo(recipient: string): Promise<Mail> {
    return waitFor(() => this.mails().find(({ to }) => to.includes(recipient)), {
      what: `mail to ${recipient}`,
      seen: () => this.mails(),
    });
  }

  mails(): readonly Mail[] {
    return this.#process
      .stdout()
      .split("\n")
      .slice(1)
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}
