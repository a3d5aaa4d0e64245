/** What a daemon is started with in tests. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { HostPort } from '../../../src/configuration/host-port.ts';
import type { ProxySettings } from '../../../src/configuration/settings.ts';
import { ip, nodeConfig } from '../../support/objects.ts';

export function settingsForTest(over: Partial<ProxySettings> = {}): ProxySettings {
  return {
    node: nodeConfig(),
    hostnameOverride: undefined,
    healthzBindAddress: undefined,
    metricsBindAddress: undefined,
    bindAddressHardFail: false,
    enableProfiling: false,
    clientConnection: { kubeconfig: '', master: '', qps: 5, burst: 10 },
    syncPeriodMs: 30_000,
    minSyncPeriodMs: 0,
    conntrack: {
      maxPerCore: undefined,
      min: undefined,
      tcpEstablishedTimeoutMs: undefined,
      tcpCloseWaitTimeoutMs: undefined,
      tcpBeLiberal: false,
      udpTimeoutMs: undefined,
      udpStreamTimeoutMs: undefined,
    },
    oomScoreAdj: undefined,
    logging: { format: 'text', verbosity: 2 },
    featureGates: {},
    ...over,
  };
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freeAddress(): Promise<HostPort> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { host: ip('127.0.0.1'), port };
}
