/** The command line. Each command is loaded when it is asked for. */
import { Command, Option } from "commander";
import { OperatorError } from "./base/errors.ts";
import { EXIT } from "./commands/exit-codes.ts";
import { reportFailure } from "./commands/failure.ts";
import { installedVersion } from "./commands/version.ts";

const DEFAULT_CONFIG = "/etc/cloudvip/cloudvip.yaml";
const DEFAULT_SOCKET = "/run/cloudvip/cloudvip.sock";

const version = installedVersion();

const program = new Command("cloudvip")
  .description("Cloud-VPC aware failover: two or more servers share a virtual IP, elected with unicast VRRP")
  .version(version)
  .showHelpAfterError("(run the command with --help for its options)")
  .configureHelp({ sortSubcommands: false });

program
  .command("run")
  .description("run the agent")
  .option("-c, --config <file>", "cloudvip YAML, or a keepalived.conf (by its .conf ending)", DEFAULT_CONFIG)
  .option("--control-socket <path>", "where `status` asks; overrides the configuration")
  .option("--log-level <level>", "trace, debug, info, warn or error", "info")
  .addOption(
    new Option("--socket-adapter <name>", "how the VRRP socket is opened; for tests and for doubts")
      .choices(["raw-socket", "libc"])
      .hideHelp(),
  )
  .action(async (options) => exitWith((await import("./commands/run.ts")).run({ ...options, version })));

program
  .command("check")
  .description("validate a configuration; every problem at once")
  .option("-c, --config <file>", "cloudvip YAML, or a keepalived.conf (by its .conf ending)", DEFAULT_CONFIG)
  .option("--json", "problems as JSON")
  .action(async (options) => exitWith((await import("./commands/check.ts")).check(options)));

const doctorCommand = program
  .command("doctor")
  .description(
    "find out beforehand why a failover would fail; exits with 0 ok, 1 warnings, 2 failover would fail",
  )
  .option("-c, --config <file>", "cloudvip YAML, or a keepalived.conf (by its .conf ending)", DEFAULT_CONFIG)
  .option("--socket <path>", "the agent's control socket; overrides the configuration")
  .option("--check <code...>", "only these checks")
  .option("--json", "findings as JSON")
  .addOption(new Option("--fix", "show each repair, ask, carry it out, and look again").conflicts("watch"))
  .option("-y, --yes", "with --fix: do not ask")
  .option("-w, --watch", "look again and again, and say what changed")
  .option("--policy", "print what the cloud has to allow these nodes, as a policy in its own form")
  .action(async (options) =>
    exitWith(
      options.policy
        ? (await import("./commands/doctor-policy.ts")).printPolicy(options)
        : (await import("./commands/doctor.ts")).doctor(options),
    ),
  );

doctorCommand
  .command("explain")
  .description("the background of a finding; all codes without one")
  .argument("[code]")
  .action(async (code) => exitWith((await import("./commands/doctor-explain.ts")).explain(code)));

program
  .command("status")
  .description("ask the running agent")
  .option("--socket <path>", "the agent's control socket", DEFAULT_SOCKET)
  .option("--json", "the snapshot as JSON")
  .option("-w, --watch", "refresh every second")
  .action(async (options) => exitWith((await import("./commands/status.ts")).status(options)));

program
  .command("handover")
  .description("planned failover: give mastership to a peer without a gap")
  .argument("[instance]")
  .option("--socket <path>", "the agent's control socket", DEFAULT_SOCKET)
  .action(async (instance, options) =>
    exitWith((await import("./commands/handover.ts")).handover({ ...options, instance })),
  );

program
  .command("maintenance")
  .description("take this node out of the election, or back into it")
  .argument("<on|off>")
  .argument("[instance]")
  .option("--socket <path>", "the agent's control socket", DEFAULT_SOCKET)
  .action(async (onOff, instance, options) =>
    exitWith(
      (await import("./commands/handover.ts")).maintenance({ ...options, instance }, parseOnOff(onOff)),
    ),
  );

program
  .command("import")
  .description("turn a keepalived.conf into cloudvip YAML on stdout; what is not carried over goes to stderr")
  .argument("<file>")
  .action(async (file) => exitWith((await import("./commands/import.ts")).importConf({ file })));

program
  .command("watch")
  .description("decode VRRP on the wire, or from a capture file")
  .option("-i, --interface <name>", "only this interface")
  .option("-r, --read <file>", "a pcap or pcapng file instead of the wire")
  .option("--json", "one JSON object a packet")
  .action(async (options) => exitWith((await import("./commands/watch.ts")).watch(options)));

program
  .command("notify")
  .description("send a test message through each channel")
  .option("-c, --config <file>", "cloudvip YAML, or a keepalived.conf (by its .conf ending)", DEFAULT_CONFIG)
  .option("--test", "what to send; there is nothing else")
  .option("--channel <name>", "only this channel")
  .option("--json", "the results as JSON")
  .action(async (options) => exitWith((await import("./commands/notify.ts")).notify(options)));

program
  .command("demo")
  .description("two agents and a client in network namespaces: loses the MASTER and shows the gap")
  .option("--advert-int <seconds>", "time between two adverts", "0.1")
  .option("--simulated", "in a simulated network, whatever this machine allows")
  .action(async (options) => exitWith((await import("./commands/demo.ts")).demo(options)));

program
  .command("demo-client", { hidden: true })
  .description("the client of the demo: pings, and prints each answer")
  .argument("<address>")
  .argument("<interval>", "milliseconds between two pings")
  .action(async (address, interval) =>
    (await import("./commands/demo/client.ts")).pingForever(address, interval),
  );

program
  .command("cleanup", { hidden: true })
  .description("remove configured VIPs that a crash left behind (the unit's stop hook)")
  .option("-c, --config <file>", "the agent's configuration", DEFAULT_CONFIG)
  .action(async (options) => exitWith((await import("./commands/cleanup.ts")).cleanup(options)));

function parseOnOff(text: string): "on" | "off" {
  if (text === "on" || text === "off") return text;
  throw new OperatorError({
    code: "cli/on-or-off",
    message: `maintenance knows no ${text}`,
    hint: "write cloudvip maintenance on, or cloudvip maintenance off",
  });
}

// `cloudvip watch | head` closes our output when it has seen enough; that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT.ok);
});

async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code;
}

program.parseAsync().catch(reportFailure);
