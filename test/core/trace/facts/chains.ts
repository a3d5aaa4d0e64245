import type { Fact } from './fact.ts';

/** How the kernel goes from chain to chain. */
export const chainFacts: readonly Fact[] = [
  {
    name: 'after the end of a chain, the walk continues after the jump',
    rules: `*filter
:A - [0:0]
-A FORWARD -j A
-A FORWARD -p udp --dport 80 -j DROP
-A A -p udp --dport 8080 -j REJECT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP   => drop
10.9.0.1 in probe-in -> 10.0.0.1:8080/UDP => reject
10.9.0.1 in probe-in -> 10.0.0.1:53/UDP   => pass
`,
  },
  {
    name: 'after RETURN, the walk continues after the jump',
    rules: `*filter
:A - [0:0]
-A FORWARD -j A
-A FORWARD -d 10.0.0.1 -j ACCEPT
-A A -d 10.0.0.1 -j RETURN
-A A -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => accept
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => drop
`,
  },
  {
    name: 'RETURN in a built-in chain leads to its policy',
    rules: `*filter
:FORWARD DROP [0:0]
-A FORWARD -d 10.0.0.1 -j RETURN
-A FORWARD -j ACCEPT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => accept
`,
  },
  {
    name: 'a chain entered by goto ends where the chain before it would have: after the last jump',
    rules: `*filter
:A - [0:0]
:B - [0:0]
-A FORWARD -j A
-A FORWARD -p udp --dport 80 -j DROP
-A A -g B
-A A -j REJECT
-A B -p udp --dport 53 -j ACCEPT
-A B -p udp --dport 9090 -j RETURN
-A B -p udp --dport 9090 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP   => drop
10.9.0.1 in probe-in -> 10.0.0.1:53/UDP   => accept
10.9.0.1 in probe-in -> 10.0.0.1:9090/UDP => pass
10.9.0.1 in probe-in -> 10.0.0.1:8080/UDP => pass
`,
  },
  {
    name: 'a goto after a jump comes back to that jump, however many there were',
    rules: `*filter
:A - [0:0]
:B - [0:0]
:C - [0:0]
-A FORWARD -j A
-A FORWARD -j DROP
-A A -j B
-A A -j ACCEPT
-A B -g C
-A B -j REJECT
-A C -p udp
COMMIT
`,
    packets: '10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => accept',
  },
  {
    name: 'a goto in a built-in chain leads to its policy',
    rules: `*filter
:FORWARD DROP [0:0]
:A - [0:0]
-A FORWARD -d 10.0.0.1 -g A
-A FORWARD -j ACCEPT
-A A -p udp
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => accept
`,
  },
  {
    name: 'a rule without a target only counts',
    rules: `*filter
-A FORWARD -p udp
-A FORWARD -m comment --comment "nothing yet"
-A FORWARD -p udp -j DROP
COMMIT
`,
    packets: '10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop',
  },
  {
    name: 'the policy decides what no rule does',
    rules: `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
-A INPUT -p udp --dport 80 -j ACCEPT
-A OUTPUT -j ACCEPT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 192.0.2.1:80/UDP   => accept
10.9.0.1 in probe-in -> 192.0.2.1:8080/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.1:8080/UDP  => pass
192.0.2.2 sent       -> 10.0.0.1:8080/UDP  => pass
`,
  },
  {
    name: 'ACCEPT ends one table at one hook, and the next one is asked all the same',
    rules: `*mangle
-A FORWARD -j ACCEPT
-A FORWARD -d 10.0.0.2 -j DROP
COMMIT
*filter
-A FORWARD -d 10.0.0.1 -j DROP
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => pass
`,
  },
  {
    name: 'DROP in an earlier table leaves nothing to a later one',
    rules: `*raw
-A PREROUTING -d 10.0.0.1 -j DROP
COMMIT
*mangle
-A POSTROUTING -d 10.0.0.2 -j DROP
COMMIT
*filter
-A FORWARD -j ACCEPT
COMMIT
`,
    packets: `
10.9.0.1 in probe-in -> 10.0.0.1:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.2:80/UDP => drop
10.9.0.1 in probe-in -> 10.0.0.3:80/UDP => accept
`,
  },
];
