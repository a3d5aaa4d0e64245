/** Debug pages that ask the running daemon: /debug/explain for one packet, /debug/verify for all packets. */
import { explain } from '../core/explain/explain.ts';
import { questionOf } from '../core/explain/question/query.ts';
import { type IpAddress, type IpFamily, perFamily } from '../core/model/address.ts';
import type { NodeConfig } from '../core/model/config.ts';
import { proofResultJson } from '../core/prove/proof-json.ts';
import { printableValue } from '../core/structures/safe-text.ts';
import { jsonResponse } from '../observe/http/response.ts';
import type { HttpRoute } from '../observe/http/routes.ts';
import type { Standing } from './loop.ts';
import type { FamilyProof, SelfProof } from './self-proof.ts';

/** What the pages read of the daemon. */
export interface DebugPagesOptions {
  readonly config: NodeConfig;
  readonly standing: () => Standing;
  readonly localAddresses: (family: IpFamily) => readonly IpAddress[];
  readonly selfProof: SelfProof;
}

/** The routes of both pages, for the metrics server. */
export function createDebugPages(options: DebugPagesOptions): readonly HttpRoute[] {
  return [
    {
      path: '/debug/explain',
      about: 'where a packet goes and why: ?src=outside&dst=team/api:http&proto=tcp',
      handler: ({ query }) => {
        const question = questionOf(Object.fromEntries(query));
        if (question.kind === 'unclear') return jsonResponse(JSON.stringify(printableValue(question)), 400);
        return jsonResponse(JSON.stringify(answer(options, question.value)));
      },
    },
    {
      path: '/debug/verify',
      about: 'proves that the rules in the kernel match the Services for every packet; takes seconds',
      handler: async () => {
        const proofs = await options.selfProof.prove();
        return jsonResponse(
          JSON.stringify(printableValue({ proven: proofs.every(isProven), families: proofs.map(proofJson) })),
        );
      },
    },
  ];
}

function answer({ config, standing, localAddresses }: DebugPagesOptions, question: Parameters<typeof explain>[1]) {
  const { snapshot, families } = standing();
  const rules = perFamily((family) => families.find(({ kernel }) => kernel.family === family)?.rules);
  const addresses = families.flatMap(({ kernel }) => localAddresses(kernel.family));
  return explain({ snapshot, config, rules, host: { addresses } }, question);
}

function isProven(proof: FamilyProof): boolean {
  return proof.kind === 'told' && proof.verdict.outcome === 'proven';
}

function proofJson(proof: FamilyProof): object {
  if (proof.kind === 'untold') return { family: proof.family, outcome: 'untold', problem: proof.problem };
  return { ms: Math.round(proof.ms), ...proofResultJson(proof.verdict) };
}
