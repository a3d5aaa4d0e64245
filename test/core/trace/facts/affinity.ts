/** Two endpoints between which clients are shared, each of which keeps the clients that it has. */
export const affinityRules = `*nat
:SVC - [0:0]
:SEP-1 - [0:0]
:SEP-2 - [0:0]
-A PREROUTING -d 10.0.0.1 -p udp --dport 80 -j SVC
-A SVC -m recent --name SEP-1 --rcheck --seconds 10800 --reap -j SEP-1
-A SVC -m recent --name SEP-2 --rcheck --seconds 10800 --reap -j SEP-2
-A SVC -m statistic --mode random --probability 0.5 -j SEP-1
-A SVC -j SEP-2
-A SEP-1 -p udp -m recent --name SEP-1 --set -j DNAT --to-destination 10.1.0.1:8080
-A SEP-2 -p udp -m recent --name SEP-2 --set -j DNAT --to-destination 10.1.0.2:8080
COMMIT
`;
