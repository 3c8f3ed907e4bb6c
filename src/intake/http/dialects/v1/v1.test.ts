import { accounting } from '../../../../../test/golden/v1-accounts.ts';
import { addressing } from '../../../../../test/golden/v1-addresses.ts';
import { checking } from '../../../../../test/golden/v1-checking.ts';
import { following } from '../../../../../test/golden/v1-following.ts';
import { intervening } from '../../../../../test/golden/v1-intervening.ts';
import { managing } from '../../../../../test/golden/v1-managing.ts';
import { auditing, overseeing } from '../../../../../test/golden/v1-overseeing.ts';
import { people } from '../../../../../test/golden/v1-people.ts';
import { refusing } from '../../../../../test/golden/v1-refusing.ts';
import { sending } from '../../../../../test/golden/v1-sending.ts';
import { describeDialect } from '../../../../../test/suites/dialect.ts';
import { v1 } from './v1.ts';

describeDialect(v1, [
  ...sending,
  ...following,
  ...managing,
  ...accounting,
  ...people,
  ...overseeing,
  ...auditing,
  ...intervening,
  ...checking,
  ...addressing,
  ...refusing,
]);
