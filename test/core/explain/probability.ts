/** The exact probability of a share, for tests that add shares up. */

import { type Rational, rational } from '../../../src/core/structures/rational.ts';
import type { Share } from '../../../src/core/structures/share.ts';

export function probabilityOf({ fraction }: Share): Rational {
  const [numerator = '0', denominator = '1'] = fraction.split('/');
  return rational(BigInt(numerator), BigInt(denominator));
}
