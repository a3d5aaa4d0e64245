/** The exact probability of a share, for tests that add shares up. */
import type { Share } from '../../../src/core/explain/explanation.ts';
import { type Rational, rational } from '../../../src/core/structures/rational.ts';

export function probabilityOf({ fraction }: Share): Rational {
  const [numerator = '0', denominator = '1'] = fraction.split('/');
  return rational(BigInt(numerator), BigInt(denominator));
}
