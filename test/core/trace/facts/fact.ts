/**
 * What the kernel does with packets, as rulesets and packets with their verdicts. The tracer is held against them in
 * test/core/trace, the kernel itself in test/kernel.
 */

/**
 * One thing that holds. The node is that of test/support/trace/kernel/probe.ts: 192.0.2.1, 192.0.2.2 and 198.18.0.1.
 */
export interface Fact {
  readonly name: string;
  /** As iptables-restore reads them. */
  readonly rules: string;
  /** Lines as in packets.txt of a golden case. */
  readonly packets: string;
}
