/** Traces a packet of every caller class to every frontend of a Service, through the old plan and the new one. */
import type { IpAddress } from '../model/address.ts';
import type { Packet } from '../model/packet.ts';
import type { Plan } from '../model/plan.ts';
import { remember } from '../structures/remember.ts';
import { findFrontend, indexPlan } from '../trace/plan/frontend-index.ts';
import { tracePlan } from '../trace/plan/trace.ts';
import { type CallerClass, callerClasses, isOrdinary } from './callers.ts';
import type { CallerGroup, ReachedFrontend, ServiceFrontend, TrafficEffect } from './changes.ts';
import { destinationsOf, isLoopback } from './frontends.ts';
import { type Transition, transitionOf } from './reachability.ts';

/** Two plans of one family, for one node. */
export interface PlanPair {
  readonly before: Plan;
  readonly after: Plan;
  /** Addresses of the node, before or after. */
  readonly nodeAddresses: readonly IpAddress[];
  /** Caller classes that were worked out, by what they depend on. */
  readonly classes: Map<string, readonly CallerClass[]>;
}

/**
 * What changes for which callers at these frontends. Packets that hardly occur count only where no others are affected.
 * `selves`: endpoints that must be asked as callers too.
 */
export function effectsOn(
  frontends: readonly ServiceFrontend[],
  selves: readonly IpAddress[],
  pair: PlanPair,
): readonly TrafficEffect[] {
  const effects = mergeFrontends(frontends.flatMap((frontend) => effectsOnOne(frontend, selves, pair)));
  const orderly = effects.filter(({ callers }) => callers.some(isOrdinary));
  return orderly.length > 0 ? orderly : effects;
}

/** One packet, and how its treatment changes. */
interface Sighting {
  readonly caller: CallerGroup;
  readonly destination: IpAddress;
  readonly transition: Transition | undefined;
}

function effectsOnOne(
  frontend: ServiceFrontend,
  selves: readonly IpAddress[],
  pair: PlanPair,
): readonly TrafficEffect[] {
  const sightings = destinationsOf(frontend, pair.nodeAddresses).flatMap((destination) =>
    classesAt(frontend, destination, selves, pair).map((sender) => sight(sender, frontend, destination, pair)),
  );
  const byTransition = new Map<string, Sighting[]>();
  for (const sighting of sightings) {
    if (sighting.transition !== undefined)
      remember(byTransition, JSON.stringify(sighting.transition), () => []).push(sighting);
  }
  return [...byTransition.values()].flatMap((alike) => effectsOfAlike(frontend, alike, sightings, pair));
}

function sight(
  sender: CallerClass,
  { port, protocol }: ServiceFrontend,
  destination: IpAddress,
  pair: PlanPair,
): Sighting {
  const { source, inputInterface } = sender;
  const packet: Packet = {
    source,
    destination,
    port,
    protocol,
    ...(inputInterface === undefined ? {} : { inputInterface }),
  };
  const host = { addresses: pair.nodeAddresses };
  return {
    caller: isLoopback(destination, pair.before) ? atLoopback(sender, pair.before) : sender.caller,
    destination,
    transition: transitionOf(tracePlan(pair.before, packet, host), tracePlan(pair.after, packet, host)),
  };
}

/** The kernel takes packets to loopback addresses only from loopback addresses, unless it is made to. */
function atLoopback({ caller, source, inputInterface }: CallerClass, plan: Plan): CallerGroup {
  if (inputInterface !== undefined) return { who: 'forged' };
  return isLoopback(source, plan) ? caller : { who: 'thisNodeForeign' };
}

function classesAt(
  { port, protocol }: ServiceFrontend,
  destination: IpAddress,
  selves: readonly IpAddress[],
  { before, after, nodeAddresses, classes }: PlanPair,
): readonly CallerClass[] {
  const aim = { destination, port, protocol };
  const [old, now] = [findFrontend(indexPlan(before), aim), findFrontend(indexPlan(after), aim)];
  // Where a side has no frontend it has no source ranges, so the other side's ranges tell callers apart.
  const allowedBefore = (old ?? now)?.allowedSources;
  const allowedAfter = (now ?? old)?.allowedSources;
  return remember(classes, JSON.stringify([allowedBefore ?? null, allowedAfter ?? null, selves]), () =>
    callerClasses({ before, after, nodeAddresses, allowedBefore, allowedAfter, selves }),
  );
}

/**
 * One effect where all addresses of the frontend are alike to these callers, else one for each address. Loopback
 * addresses may go their own way: only the node itself can use them, and it has others.
 */
function effectsOfAlike(
  frontend: ServiceFrontend,
  alike: readonly Sighting[],
  all: readonly Sighting[],
  { before: plan }: PlanPair,
): readonly TrafficEffect[] {
  const isRoutable = ({ destination }: Sighting): boolean => !isLoopback(destination, plan);
  const [routable, allRoutable] = [alike.filter(isRoutable), all.filter(isRoutable)];
  const isWhole =
    routable.length > 0 &&
    routable.every(({ caller }) => !isOrdinary(caller) || countOf(routable, caller) === countOf(allRoutable, caller));
  if (isWhole || frontend.address !== undefined) return [effectOf(frontend, routable, allRoutable)];
  const destinations = new Set(alike.map(({ destination }) => destination));
  return [...destinations].map((at) => {
    const isThere = (sighting: Sighting): boolean => sighting.destination === at;
    return effectOf({ ...frontend, at }, alike.filter(isThere), all.filter(isThere));
  });
}

function countOf(sightings: readonly Sighting[], caller: CallerGroup): number {
  return sightings.filter((sighting) => callerKey(sighting.caller) === callerKey(caller)).length;
}

function effectOf(frontend: ReachedFrontend, alike: readonly Sighting[], all: readonly Sighting[]): TrafficEffect {
  const [first] = alike;
  if (first?.transition === undefined) throw new Error('an effect without a transition');
  return { kind: 'effect', ...first.transition, callers: callersOf(alike, all), frontends: [frontend] };
}

/** The callers in few words: ordinary ones if there are any, `everyone` if all of those are among them. */
function callersOf(alike: readonly Sighting[], all: readonly Sighting[]): readonly CallerGroup[] {
  const ordinary = distinct(alike.filter(({ caller }) => isOrdinary(caller)));
  if (ordinary.length === 0) return distinct(alike);
  const affected = new Set(alike);
  const spared = all.some((sighting) => isOrdinary(sighting.caller) && !affected.has(sighting));
  return spared ? ordinary : [{ who: 'everyone' }];
}

function distinct(sightings: readonly Sighting[]): readonly CallerGroup[] {
  return [...new Map(sightings.map(({ caller }) => [callerKey(caller), caller])).values()];
}

function callerKey({ who, allowed }: CallerGroup): string {
  return `${who} ${allowed}`;
}

/** The same thing to the same callers at several frontends is said once. */
function mergeFrontends(effects: readonly TrafficEffect[]): readonly TrafficEffect[] {
  const merged = new Map<string, TrafficEffect>();
  for (const effect of effects) {
    const { frontends, ...rest } = effect;
    const key = JSON.stringify(rest);
    const known = merged.get(key);
    merged.set(key, known === undefined ? effect : { ...known, frontends: [...known.frontends, ...frontends] });
  }
  return [...merged.values()];
}
