import type { TransitionReason } from "../../vrrp/actions.ts";
import type { Fault, SiblingFault, TakeoverCause, TrackerFault } from "../../vrrp/state.ts";
import type { NotifiedEvent, TransitionEvent } from "../notification.ts";
import { isOfSibling, isOfTracker, type Phrases, siblingOf, trackerOf, type Where } from "./phrases.ts";

export const chinese: Phrases = {
  severity: { info: "通知", warning: "警告", critical: "严重" },
  labels: {
    why: "原因",
    node: "节点",
    instance: "实例",
    group: "同步组",
    addresses: "地址",
    before: "原主节点",
    silence: "静默时长",
    phases: "切换耗时",
    held: "此前状态持续",
    check: "检查",
    time: "时间",
    advice: "建议",
  },
  phases: {
    detect: "检测",
    elect: "选举",
    bind: "绑定",
    announce: "通告",
    claim: "云端声明",
    verify: "云端确认",
  },
  title,
  why,
  advice,
  check: (ok) => (ok ? "正常" : "失败"),
  duration: (ms) =>
    ms < 10_000 ? `${Number(ms.toFixed(ms < 10 ? 1 : 0))} 毫秒` : `${Math.round(ms / 1000)} 秒`,
  several: (count, node) => `来自 ${node} 的 ${count} 条通知`,
  dropped: (count) => `较早的 ${count} 条通知已被丢弃：此通道长时间不可用，或拒绝接收`,
  more: (count) => `…… 另有 ${count} 条`,
  repeated: (count) => `另有 ${count} 条相同通知已省略`,
};

function reasonInWords(reason: TransitionReason): string {
  switch (reason.kind) {
    case "started":
      return "已启动，正在监听主节点";
    case "owner":
      return "优先级 255，地址所有者，无需选举";
    case "stopped":
      return "已停止";
    case "took-over":
      return CAUSES[reason.cause];
    case "yielded":
      return `${reason.to} 的优先级更高（${reason.priority}）`;
    case "handed-over":
      return `已移交给 ${reason.to}`;
    case "nobody-took-over":
      return "已停止；限时内没有节点接管，目前无人提供服务";
    case "gave-up":
      return `云端显示地址在 ${reason.holder} 上，但收不到它的通告；暂停参选，直到收到它的通告或它不再提供服务`;
    case "followed-group":
      return `同一同步组的 ${reason.member} 已让出`;
    case "fault":
      return reason.faults.map(faultInWords).join("；");
    case "fault-over":
      return "故障已恢复";
  }
}

const CAUSES: Record<TakeoverCause, string> = {
  "nobody-heard": "自本节点开始监听以来没有收到主节点的通告",
  "master-silent": "主节点不再发送通告",
  "master-left": "主节点主动退出",
  "master-lower": "主节点的优先级较低，且已开启抢占",
};

function faultInWords(fault: Fault): string {
  if (isOfSibling(fault)) return `同一同步组的 ${siblingOf(fault)} 处于 FAULT`;
  return isOfTracker(fault) ? `检查 ${trackerOf(fault)} 失败` : FAULTS[fault];
}

const FAULTS: Record<Exclude<Fault, TrackerFault | SiblingFault>, string> = {
  "interface-missing": "网卡不存在",
  "interface-down": "网卡已断开",
  "source-address-missing": "本机没有通告所用的源地址",
  maintenance: "维护中，直到执行 cloudvip maintenance off",
};

function title(event: NotifiedEvent, { node, subject }: Where): string {
  switch (event.kind) {
    case "transition":
    case "group-transition":
      return transitionTitle(event, { node, subject });
    case "serving":
      return `${node} 已为 ${subject} 提供服务`;
    case "handover-failed":
      return `${node} 未能移交 ${subject}`;
    case "lower-priority-heard":
      return `${subject} 出现两个主节点：${node} 和 ${event.from}`;
    case "address-failed":
      return `${node} 无法${event.doing === "bind" ? "绑定" : "移除"} ${subject} 的地址 ${event.address}`;
    case "address-put-back":
      return `${node} 上的地址 ${event.address} 被其他程序移除`;
    case "announce-failed":
      return `${node} 无法通告 ${subject} 的地址 ${event.address}`;
    case "cloud-claimed":
      return `云端已接受 ${node} 对 ${subject} 的声明`;
    case "cloud-verified":
      return `云端重新显示 ${subject} 在 ${node} 上`;
    case "cloud-call-failed":
      return `${node} 调用云接口失败：${subject} 的 ${event.operation}`;
    case "cloud-repair":
      return `${node} 正在云端重新声明 ${subject}`;
    case "cloud-contested":
      return `${event.holder} 在云端反复抢占 ${node} 的 ${subject}`;
    case "cloud-doubted":
      return `${node} 正在云端核对 ${subject}`;
    case "cloud-unknown":
      return `${node} 无法确认 ${subject} 在云端的归属`;
    case "cloud-ready":
      return `${node} 重新具备接管 ${subject} 的条件`;
    case "cloud-not-ready":
      return `${node} 目前无法接管 ${subject}`;
    case "service-thread-restarted":
      return `${node} 的服务线程已重新启动`;
    case "flapping":
      return `${subject} 在 ${node} 上频繁切换`;
    case "hold-over":
      return `${node} 可以重新抢占 ${subject}`;
    case "settled":
      return `${subject} 在 ${node} 上已稳定：${event.state}`;
    case "test":
      return `来自 ${node} 的测试消息`;
  }
}

function transitionTitle(
  { from, to, reason }: Omit<TransitionEvent, "kind">,
  { node, subject }: Where,
): string {
  if (to === "MASTER") return `${node} 接管了 ${subject}`;
  if (to === "FAULT")
    return `${node} 发生故障（FAULT）：${from === "MASTER" ? "已让出" : "无法承担"} ${subject}`;
  if (reason.kind === "stopped") return `${node} 上的 cloudvip 已停止：${subject} 原为 ${from}`;
  if (from === "MASTER") return `${node} 让出了 ${subject}`;
  return `${node} 成为 ${subject} 的备用节点`;
}

function why(event: NotifiedEvent): string {
  switch (event.kind) {
    case "transition":
      return `${event.from} -> ${event.to}：${reasonInWords(event.reason)}`;
    case "group-transition":
      return `${event.from} -> ${event.to}：${event.member}：${reasonInWords(event.reason)}`;
    case "serving":
      return "地址已绑定并通告；如由云端迁移，云端也已显示在本节点";
    case "handover-failed":
      return "限时内没有节点接管；本节点继续作为主节点";
    case "lower-priority-heard":
      return `${event.from} 也在发送通告，优先级较低（${event.priority}）；已回应并重新通告地址`;
    case "address-failed":
      return `${event.interfaceName}：${event.error}`;
    case "address-put-back":
      return `地址不是由 cloudvip 从 ${event.interfaceName} 移除的，现已恢复`;
    case "announce-failed":
      return event.error;
    case "cloud-claimed":
      return "声明已完成";
    case "cloud-verified":
      return "云端状态与选举结果一致";
    case "cloud-call-failed":
      return `第 ${event.attempts} 次尝试：${event.message}`;
    case "cloud-repair":
      return `云端显示地址${event.holder === undefined ? "没有归属" : `在 ${event.holder} 上`}`;
    case "cloud-contested":
      return "声明多次被覆盖；本节点暂停声明";
    case "cloud-doubted":
      return "发生了可能改变云端归属的事件";
    case "cloud-unknown":
      return `${event.why}；状态不因此改变`;
    case "cloud-ready":
      return "接管演练没有发现障碍";
    case "cloud-not-ready":
      return event.obstacles.join("；");
    case "service-thread-restarted":
      return `${event.why}；选举未受影响`;
    case "flapping":
      return `${event.withinMs / 1000} 秒内发生 ${event.transitions} 次状态变化；稳定之前不再逐条通知${event.heldForMs === null ? "" : `；本节点在 ${event.heldForMs / 1000} 秒内不抢占`}`;
    case "hold-over":
      return event.why === "asked" ? "有人执行了 cloudvip maintenance off" : "flap_hold 的时间已到";
    case "settled":
      return `经过 ${event.transitions} 次状态变化后，已有一段时间没有变化`;
    case "test":
      return "有人执行了 cloudvip notify --test";
  }
}

function advice(event: NotifiedEvent, { node }: Where): string {
  switch (event.kind) {
    case "transition":
    case "group-transition":
      return transitionAdvice(event, node);
    case "handover-failed":
      return "检查为何没有节点能接管：在每个节点上执行 cloudvip status";
    case "lower-priority-heard":
      return "检查两个节点能否收到对方的通告：在两边执行 cloudvip watch，并检查协议 112 的防火墙规则";
    case "address-failed":
    case "announce-failed":
      return `在 ${node} 上执行 ip address 和 journalctl -u cloudvip`;
    case "address-put-back":
      return `查明 ${node} 上还有什么在管理地址：NetworkManager、netplan 或脚本`;
    case "cloud-call-failed":
      return `会自动重试；请检查 ${node} 的凭证、权限以及到云接口的网络`;
    case "cloud-repair":
      return "如反复出现，请查找是否有另一个代理或脚本在迁移同样的地址";
    case "cloud-contested":
      return "查找配置不同的另一个代理，或迁移同样地址的脚本";
    case "cloud-unknown":
      return `检查 ${node} 到云接口的网络和读取权限`;
    case "cloud-not-ready":
      return `请在主节点发生故障之前修复，然后在 ${node} 上执行 cloudvip status`;
    case "service-thread-restarted":
      return `如反复出现，请附上 ${node} 的 journalctl -u cloudvip 输出进行反馈`;
    case "flapping":
      return event.heldForMs === null
        ? "检查节点之间的网络、节点负载和健康检查：在每个节点上执行 cloudvip status"
        : `请修复 ${node} 上时好时坏的部分，然后执行 cloudvip maintenance off；如没有其他主节点，本节点仍会接管`;
    case "settled":
    case "hold-over":
    case "serving":
    case "cloud-claimed":
    case "cloud-verified":
    case "cloud-doubted":
    case "cloud-ready":
    case "test":
      return "无需操作";
  }
}

function transitionAdvice(
  { from, to, reason, previousOwner }: Omit<TransitionEvent, "kind">,
  node: string,
): string {
  switch (reason.kind) {
    case "took-over":
      return reason.cause === "master-silent"
        ? `检查 ${previousOwner?.address ?? "原主节点"} 发生了什么；在它恢复之前，没有节点可以接替 ${node}`
        : "无需操作";
    case "gave-up":
      return `检查 ${reason.holder} 是否在提供服务，以及 ${node} 为何收不到它的通告`;
    case "fault":
      return `请在 ${node} 上修复；修复后会自动重新参选：cloudvip status`;
    case "stopped":
      return from === "MASTER" ? "其他节点会接管；维护完成后请重新启动服务" : "如属预期，无需操作";
    case "nobody-took-over":
      return "请启动组内的一个节点：目前无人提供服务";
    case "started":
    case "owner":
    case "yielded":
    case "handed-over":
    case "followed-group":
    case "fault-over":
      return to === "FAULT" ? `在 ${node} 上执行 cloudvip status` : "无需操作";
  }
}
