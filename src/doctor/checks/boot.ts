import { answer, type Check } from "../check.ts";
import { isEnabled, isInstalled } from "../systemd.ts";

/** What becomes of the agent when the host starts anew. */
export const BOOT_CHECKS: readonly Check[] = [
  {
    code: "host/agent-not-started-at-boot",
    title: "the agent starts with the host",
    severity: "warning",
    why: "A unit that was started but never enabled is gone after a reboot. Nobody notices: the other node serves, and there is nobody left to take over from it.",
    run: ({ host }) => {
      if (!isInstalled(host, UNIT)) return { kind: "idle" };
      if (isEnabled(host, UNIT)) return answer([], `${UNIT} is enabled`);
      return answer(
        [
          {
            message: `${UNIT} is installed, but not enabled`,
            evidence: [`no target wants ${UNIT}`],
            consequence: "after a reboot this node takes nothing over",
            fix: {
              advice: "let systemd start it with the host",
              commands: [["systemctl", "enable", "cloudvip"]],
            },
          },
        ],
        "",
      );
    },
  },
];

const UNIT = "cloudvip.service";
