import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeCommand } from '../../src/cli/flags/describe.ts';
import { runText } from '../../src/cli/run/options.ts';
import { readRunSettings } from '../../src/cli/run/settings.ts';
import { folderWith } from '../cli/run.ts';
import { type Container, overlays, readOverlay } from './deploy.ts';

const root = join(import.meta.dirname, '../..');

/** What src/kubernetes asks the API server for. */
const asked = [
  'create events.events.k8s.io',
  'list endpointslices.discovery.k8s.io',
  'list nodes',
  'list servicecidrs.networking.k8s.io',
  'list services',
  'patch events.events.k8s.io',
  'watch endpointslices.discovery.k8s.io',
  'watch nodes',
  'watch servicecidrs.networking.k8s.io',
  'watch services',
];

describe.each(overlays)('deploy/overlays/%s', (mode) => {
  const { pod, rules, binding, serviceAccount, configMaps } = readOverlay(mode);
  const [init] = pod.initContainers;
  const [main] = pod.containers;
  if (init === undefined || main === undefined) throw new Error('a container is missing');
  const config = configMaps.get('rulewright')?.['config.conf'] ?? '';

  /** Reads what a container is started with as the program does. */
  function settingsOf({ args: [command, ...args] }: Container) {
    expect(command).toBe('run');
    const folder = folderWith({ 'config.conf': config });
    const local = args.map((arg) => arg.replace('/etc/rulewright', folder).replace('$(NODE_NAME)', 'node-1'));
    return readRunSettings(
      describeCommand(new Command(), runText).exitOverride().parse(local, { from: 'user' }).opts(),
    );
  }

  it('has a configuration of this mode, without a warning, and flags that are known', async () => {
    const read = await settingsOf(main);
    expect(read).toMatchObject({ warnings: [], settings: { task: { kind: 'run' }, proxy: { node: { mode } } } });
    expect(await settingsOf(init)).toMatchObject({ warnings: [], settings: { task: { kind: 'init-only' } } });
  });

  it('asks for the health of the program where it listens', async () => {
    const read = await settingsOf(main);
    const port = 'settings' in read ? read.settings.proxy.healthzBindAddress?.port : undefined;
    expect(main.ports).toEqual([{ name: 'healthz', containerPort: port }]);
    expect([main.livenessProbe?.httpGet, main.readinessProbe?.httpGet]).toEqual([
      { path: '/livez', port: 'healthz' },
      { path: '/readyz', port: 'healthz' },
    ]);
  });

  it('may ask for what the program asks for, and nothing else', () => {
    const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${group === '' ? '' : `.${group}`}`)),
      ),
    );
    expect(granted.sort()).toEqual(asked);
    expect(binding.roleRef).toMatchObject({ kind: 'ClusterRole', name: 'rulewright' });
    expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: serviceAccount, namespace: 'kube-system' }]);
    expect(pod.serviceAccountName).toBe(serviceAccount);
  });

  it('runs on every node, before and after everything else', () => {
    expect(pod).toMatchObject({ priorityClassName: 'system-node-critical', hostNetwork: true });
    expect(pod.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  it('has few privileges, but for the init container', () => {
    expect(main.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: mode === 'iptables' ? ['NET_ADMIN', 'NET_RAW'] : ['NET_ADMIN'] },
    });
    expect(main.securityContext.privileged).toBeUndefined();
    expect(init.securityContext).toEqual({ privileged: true, readOnlyRootFilesystem: true });
  });

  it('runs with the seccomp profile that an init container puts where the kubelet looks for it', () => {
    const installer = pod.initContainers.find(({ name }) => name === 'seccomp-profile');
    const { localhostProfile, type } = main.securityContext.seccompProfile ?? {};
    expect([type, localhostProfile]).toEqual(['Localhost', 'rulewright.json']);
    expect(installer?.command).toEqual(['cp', '/etc/rulewright-seccomp/seccomp.json', `/seccomp/${localhostProfile}`]);
    expect(installer?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
    const profile = JSON.parse(configMaps.get('rulewright-seccomp')?.['seccomp.json'] ?? '');
    const allowed = profile.syscalls
      .filter(({ action }: { action: string }) => action === 'SCMP_ACT_ALLOW')
      .flatMap(({ names }: { names: readonly string[] }) => names);
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    // What `strace -f -c` counts for the daemon and its tools, the first and the last of it.
    expect(allowed).toEqual(expect.arrayContaining(['accept4', 'clone', 'execve', 'sendmsg', 'socket', 'write']));
    for (const name of ['mount', 'ptrace', 'bpf', 'setns', 'unshare', 'io_uring_setup', 'init_module', 'keyctl']) {
      expect(allowed).not.toContain(name);
    }
  });

  it('has a memory limit of at least twice the peak of docs/performance.md', () => {
    const page = readFileSync(join(root, 'docs/performance.md'), 'utf8');
    const rows = [...page.matchAll(/^\| [\d,]+ × 10 \| (\d+) \| (\d+)Mi \| (\d+)Mi \|$/gm)];
    expect(rows).toHaveLength(3);
    for (const [, peakMb, limitMi] of rows) expect(Number(limitMi) * 1.048576).toBeGreaterThan(2 * Number(peakMb));
    expect(main.resources?.limits?.memory).toBe(`${rows.at(-1)?.[2]}Mi`);
  });

  it('mounts what there is, and has what it names', () => {
    const volumes = pod.volumes.map(({ name }) => name);
    for (const { volumeMounts, envFrom, image } of [init, main]) {
      expect(volumes).toEqual(expect.arrayContaining(volumeMounts.map(({ name }) => name)));
      for (const { configMapRef } of envFrom) expect([...configMaps.keys()]).toContain(configMapRef.name);
      expect(image).toBe(`rulewright:${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}`);
    }
    const lock = { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } };
    const profiles = {
      name: 'kubelet-seccomp',
      hostPath: { path: '/var/lib/kubelet/seccomp', type: 'DirectoryOrCreate' },
    };
    expect(pod.volumes).toEqual([
      { name: 'config', configMap: { name: 'rulewright' } },
      { name: 'seccomp', configMap: { name: 'rulewright-seccomp' } },
      profiles,
      lock,
    ]);
  });

  it("tells where the API server is, because its Service's address is not there yet", () => {
    expect(Object.keys(configMaps.get('rulewright-apiserver') ?? {})).toEqual([
      'KUBERNETES_SERVICE_HOST',
      'KUBERNETES_SERVICE_PORT',
    ]);
  });

  const kubectl = '/usr/bin/kubectl';

  it.runIf(existsSync(kubectl))('is built by kubectl kustomize', async () => {
    const { stdout } = await execa(kubectl, ['kustomize', join(root, 'deploy/overlays', mode)]);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'ConfigMap',
      'ConfigMap',
      'ConfigMap',
      'DaemonSet',
      'ServiceAccount',
    ]);
    const built = objects.find(({ kind }) => kind === 'DaemonSet').spec.template.spec;
    expect(built.containers[0].securityContext).toEqual(main.securityContext);
    expect(built.volumes[0].configMap.name).toMatch(/^rulewright-\w{10}$/);
  });
});
