import { describeDialect } from '../../../test/suites/dialect.ts';
import { accounting } from './accounts.cases.ts';
import { addressing } from './addresses.cases.ts';
import { checking } from './checking.cases.ts';
import { following } from './following.cases.ts';
import { intervening } from './intervening.cases.ts';
import { managing } from './managing.cases.ts';
import { auditing, overseeing } from './overseeing.cases.ts';
import { people } from './people.cases.ts';
import { refusing } from './refusing.cases.ts';
import { sending } from './sending.cases.ts';
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
