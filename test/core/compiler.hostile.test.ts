import { describe, expect, it } from 'vitest';
import { compile } from '../../src/core/compiler.ts';
import { readManifest } from '../../src/core/manifest/manifest.ts';
import type { ProxyMode } from '../../src/core/model/config.ts';
import { printRules } from '../../src/core/rules.ts';
import { type HostileObject, hostileList, hostileObjects } from '../support/hostile/objects.ts';
import { nodeConfig, snapshotOfManifests } from '../support/objects.ts';

/** The rules of both families for what can be read of a document. */
function rulesOf(json: unknown, mode: ProxyMode): string {
  const { manifests } = readManifest(json);
  const { rules } = compile(snapshotOfManifests(manifests), nodeConfig({ mode }));
  return Object.values(rules).map(printRules).join('');
}

/** Every line that iptables-restore may get to see; anything else was smuggled in. */
const knownLine =
  /^(?:\*(?:nat|filter)|COMMIT|:[A-Z0-9-]+(?:-[0-9./:a-z]+)? (?:-|ACCEPT) \[0:0\]|-A [A-Z0-9-]+ [ -~]+)$/;

/** Targets of rules, outside of comments. */
const knownTarget = new RegExp(
  `-[jg] (?:${[
    'KUBE-[A-Z0-9-]+',
    'DNAT --to-destination [0-9a-f.:[\\]]+',
    'REJECT --reject-with icmp6?-port-unreachable',
    'DROP|ACCEPT|RETURN',
    'MASQUERADE --random-fully',
    'MARK --set-xmark 0x[0-9a-f]+/0x[0-9a-f]+',
  ].join('|')})$`,
);

const acceptLines = /-A [A-Z0-9-]+ .*-j ACCEPT/g;

/** Lines of an nft script besides elements: our own words, no comment, no second command on a line. */
const knownScript =
  /^\t*(?:[a-z0-9 .:@{}!=&|*"/,_-]*|type (?:nat|filter) hook [a-z]+ priority [a-z0-9-]+; policy accept;)$/;

/** Addresses, blocks, protocols, numbers; and where an element leads. */
const knownElement = new RegExp(
  [
    '^(?:[0-9a-f.:/]+|tcp|udp|sctp)',
    '(?: \\. (?:[0-9a-f.:/]+|tcp|udp|sctp))*',
    '(?: : (?:jump [a-z0-9-]+|goto refuse|drop|[0-9a-f.:]+ \\. \\d+))?$',
  ].join(''),
);

/** The lines of a script without its elements, and the elements. */
function splitElements(rules: string): readonly [script: readonly string[], elements: readonly string[]] {
  const elements: string[] = [];
  const script = rules.replace(/\t\telements = \{ ([^}]*) \}/g, (_, list: string) => {
    elements.push(...list.split(',').map((element) => element.trim()));
    return '';
  });
  return [script.split('\n'), elements];
}

describe('a hostile object in the whole compiler', () => {
  const [goodService, , goodSlice] = itemsOf(hostileObjects[0]);
  const clean = rulesOf({ apiVersion: 'v1', kind: 'List', items: [goodService, goodSlice] }, 'iptables');

  for (const hostile of hostileObjects) {
    it(`brings nothing of its own into iptables rules: ${hostile.title}`, () => {
      const rules = rulesOf(hostileList(hostile), 'iptables');
      for (const line of rules.trimEnd().split('\n')) {
        expect(line).toMatch(knownLine);
        const outsideComments = line.replace(/--comment (?:"[^"]*"|\S+)/, '');
        if (line.startsWith('-A') && /-[jg] /.test(outsideComments)) expect(outsideComments).toMatch(knownTarget);
      }
      expect(rules.match(acceptLines)).toEqual(clean.match(acceptLines));
      // The good objects beside it still do what they are for; what is sound in a broken slice may join them.
      for (const part of ['-d 10.96.0.10/32 ', '--to-destination 10.128.0.1:8080\n']) expect(rules).toContain(part);
    });

    it(`brings nothing of its own into nftables rules: ${hostile.title}`, () => {
      const rules = rulesOf(hostileList(hostile), 'nftables');
      const [script, elements] = splitElements(rules);
      for (const element of elements) expect(element).toMatch(knownElement);
      for (const line of script) expect(line).toMatch(knownScript);
      for (const part of ['10.96.0.10 . tcp . 80 : jump ', '10.96.0.10 . 80 . 0 : 10.128.0.'])
        expect(rules).toContain(part);
    });
  }
});

function itemsOf(hostile: HostileObject | undefined): readonly unknown[] {
  if (hostile === undefined) throw new Error('there is no hostile object');
  return (hostileList(hostile) as { items: readonly unknown[] }).items;
}
