/** Small manifests as people write them. */

export const service = (name: string, clusterIp: string): string => `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: shop
spec:
  clusterIP: ${clusterIp}
  ports:
    - name: http
      port: 80
`;

export const slice = (serviceName: string, address: string): string => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${serviceName}-1
  namespace: shop
  labels: { kubernetes.io/service-name: ${serviceName} }
addressType: IPv4
ports:
  - { name: http, port: 8080 }
endpoints:
  - addresses: [${address}]
`;

export const node = (name: string, address: string): string => `apiVersion: v1
kind: Node
metadata:
  name: ${name}
status:
  addresses:
    - { type: InternalIP, address: ${address} }
`;

/** A Service with an endpoint. */
export const shop = `${service('web', '10.96.0.10')}---\n${slice('web', '10.244.1.5')}`;

export const dualStack = `apiVersion: v1
kind: Service
metadata: { name: dual, namespace: shop }
spec:
  clusterIPs: [10.96.0.20, "fd00:10:96::20"]
  clusterIP: 10.96.0.20
  ports: [{ port: 80 }]
`;

/** Readable, but not usable: the port in line 10, column 13. */
export const badPort = service('broken', '10.96.0.30').replace('port: 80', 'port: 70000');
