import { checkDocument } from "../../src/config/check-document.ts";
import { readYaml } from "../../src/config/load-yaml.ts";
import { locateMistakes } from "../../src/config/mistake.ts";
import { type ConfigProblem, sortProblems } from "../../src/config/problem.ts";

/** Seven lines of a sound file with one instance; `more` begins on line 8, as options of VI_1. */
export function withOptions(more: string): string {
  const options = more.split("\n").map((line) => `    ${line}\n`);
  return [
    "vrrp_instance:\n",
    "  VI_1:\n",
    "    interface: eth0\n",
    "    virtual_router_id: 51\n",
    "    unicast_src_ip: 10.0.0.4\n",
    "    unicast_peer: [10.0.0.5]\n",
    "    virtual_ipaddress: [10.0.0.10/32]\n",
    ...options,
  ].join("");
}

/** A second instance below `withOptions`; `options` differ from those of VI_1 only where they are written. */
export function secondInstance(options: Readonly<Record<string, string>>): string {
  const all = {
    interface: "eth1",
    virtual_router_id: "52",
    unicast_src_ip: "10.1.0.4",
    unicast_peer: "[10.1.0.5]",
    virtual_ipaddress: "[10.1.0.10/32]",
    ...options,
  };
  const lines = Object.entries(all).map(([name, value]) => `    ${name}: ${value}\n`);
  return ["  VI_2:\n", ...lines].join("");
}

/** Everything that is found wrong in a YAML text. */
export function problemsOf(text: string): readonly ConfigProblem[] {
  const { document, problems, locate } = readYaml(text);
  if (document === undefined) return problems;
  return sortProblems([...problems, ...locateMistakes(checkDocument(document).mistakes, locate)]);
}

/** A problem as one line: `8:15 error vrrp_instance.VI_1.priority: 300 is above 255; write …`. */
export function oneLine({ line, column, severity, path, message, fix }: ConfigProblem): string {
  const place = [line, column].filter((part) => part !== undefined).join(":");
  return [place, severity, `${path}:`, `${message}; ${fix}`].join(" ").trimStart();
}
