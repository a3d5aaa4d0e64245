import type { Fact } from './fact.ts';

const nat = `*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-EXT-WEB - [0:0]
:KUBE-FW-WEB - [0:0]
:KUBE-SVC-WEB - [0:0]
:KUBE-SEP-1 - [0:0]
:KUBE-SEP-2 - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A KUBE-SERVICES -d 10.96.0.1/32 -p udp -m udp --dport 80 -j KUBE-SVC-WEB
-A KUBE-SERVICES -d 203.0.113.1/32 -p udp -m udp --dport 80 -j KUBE-FW-WEB
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p udp -m udp --dport 30080 -j KUBE-EXT-WEB
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-EXT-WEB -j KUBE-MARK-MASQ
-A KUBE-EXT-WEB -j KUBE-SVC-WEB
-A KUBE-FW-WEB -s 10.9.0.0/24 -j KUBE-EXT-WEB
-A KUBE-SVC-WEB -d 10.96.0.1/32 ! -s 10.244.0.0/16 -p udp -m udp --dport 80 -j KUBE-MARK-MASQ
-A KUBE-SVC-WEB -m statistic --mode random --probability 0.5 -j KUBE-SEP-1
-A KUBE-SVC-WEB -j KUBE-SEP-2
-A KUBE-SEP-1 -s 10.244.0.1/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-1 -p udp -m udp -j DNAT --to-destination 10.244.0.1:8080
-A KUBE-SEP-2 -s 10.244.0.2/32 -j KUBE-MARK-MASQ
-A KUBE-SEP-2 -p udp -m udp -j DNAT --to-destination 10.244.0.2:8080
COMMIT
`;

const filter = `*filter
:FORWARD DROP [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-PROXY-FIREWALL - [0:0]
:KUBE-FIREWALL - [0:0]
-A INPUT -j KUBE-FIREWALL
-A INPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A INPUT -j KUBE-NODEPORTS
-A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
-A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A FORWARD -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
-A FORWARD -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
-A FORWARD -d 10.244.0.0/16 -j ACCEPT
-A OUTPUT -j KUBE-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
-A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.2/32 -p udp -m udp --dport 80 -j REJECT
-A KUBE-EXTERNAL-SERVICES -p udp -m addrtype --dst-type LOCAL -m udp --dport 30081 -j REJECT
-A KUBE-NODEPORTS -p udp -m udp --dport 443 -j ACCEPT
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-PROXY-FIREWALL -d 203.0.113.1/32 -p udp -m udp --dport 80 -j DROP
-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
COMMIT
`;

/** A ruleset as kube-proxy writes them, in short. */
export const kubeProxyFacts: readonly Fact[] = [
  {
    name: 'a cluster IP leads to its endpoints, masqueraded for those who are no pods and for a pod that meets itself',
    rules: nat + filter,
    packets: `
10.244.1.1 in probe-in -> 10.96.0.1:80/UDP => 10.244.0.1:8080 1/2, 10.244.0.2:8080 1/2
10.244.0.1 in probe-in -> 10.96.0.1:80/UDP => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 1/2
10.9.0.1 in probe-in   -> 10.96.0.1:80/UDP => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 masquerade 1/2
192.0.2.2 sent         -> 10.96.0.1:80/UDP => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 masquerade 1/2
10.9.0.1 in probe-in   -> 10.96.0.1:81/UDP => drop
10.9.0.1 in probe-in   -> 10.96.0.2:80/UDP => reject
`,
  },
  {
    name: 'a load balancer IP is for its sources, a NodePort for everyone, loopback for this node',
    rules: nat + filter,
    packets: `
10.9.0.1 in probe-in -> 203.0.113.1:80/UDP  => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 masquerade 1/2
10.9.1.1 in probe-in -> 203.0.113.1:80/UDP  => drop
10.9.1.1 in probe-in -> 192.0.2.1:30080/UDP => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 masquerade 1/2
127.0.0.1 sent       -> 127.0.0.1:30080/UDP => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 masquerade 1/2
10.9.0.1 in probe-in -> 127.0.0.1:30080/UDP => 10.244.0.1:8080 masquerade 1/2, 10.244.0.2:8080 masquerade 1/2
10.9.0.1 in probe-in -> 127.0.0.1:8080/UDP  => drop
10.9.0.1 in probe-in -> 192.0.2.1:30081/UDP => reject
10.9.0.1 in probe-in -> 192.0.2.1:443/UDP   => accept
10.9.0.1 in probe-in -> 192.0.2.1:8080/UDP  => pass
`,
  },
];
