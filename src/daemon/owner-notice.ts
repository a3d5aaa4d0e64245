/** What owners of Services are told, as Events. */

export type ConflictReason = 'FrontendConflict' | 'FrontendContested' | 'ExternalIPRefused';

/** Something that the owner of a Service should hear of. */
export interface OwnerNotice {
  readonly reason: 'FailedToStartServiceHealthcheck' | 'RulesRefused' | ConflictReason;
  readonly namespace: string;
  readonly name: string;
  readonly message: string;
  /** The Service on the other side of a conflict, or what is lost. All nodes say the same, so one Event is enough. */
  readonly rival?: string;
}
