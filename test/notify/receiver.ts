import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server as Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** `performance.now()` when it was read. */
  readonly at: number;
}

type Answer = (response: ServerResponse, received: Received) => void;

/** A real server on loopback that keeps what it got and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  readonly #server: Server;
  #answer: Answer = (response) => response.end("ok");

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks).toString("utf8");
        const received = { path: request.url ?? "", headers: request.headers, body, at: performance.now() };
        this.received.push(received);
        this.#answer(response, received);
      });
    });
  }

  static async open(server: Server = createServer()): Promise<Receiver> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Receiver(server);
  }

  /** Behind a socket that listens already, such as one in another network namespace. */
  static async behind(socket: Socket): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    return new Receiver(server);
  }

  /** With a certificate that nobody has signed but itself. */
  static async openSelfSigned(): Promise<Receiver> {
    const directory = mkdtempSync(join(tmpdir(), "cloudvip-cert-"));
    const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
    const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    execFileSync(
      "openssl",
      [...request, "-subj", "/CN=localhost", "-days", "1", "-keyout", key, "-out", cert],
      {
        stdio: "ignore",
      },
    );
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
    rmSync(directory, { recursive: true });
    return Receiver.open(server as unknown as Server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = "/hook/6f1c2d3e4b5a69788796"): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}${path}`;
  }

  answers(answer: Answer): void {
    this.#answer = answer;
  }

  /** Answers with 200 and this body from now on. */
  says(body: string): void {
    this.answers((response) => response.end(body));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
