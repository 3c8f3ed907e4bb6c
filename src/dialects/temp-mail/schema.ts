import { Type } from 'typebox';

const TEXT = Type.Optional(Type.String());

/** The bodies of this API, only for /openapi.json: read-fields.ts reads them. */
const MESSAGE = {
  from_name: TEXT,
  to_name: TEXT,
  to_mail: Type.String({ description: 'One address' }),
  subject: Type.String(),
  content: Type.String(),
  is_html: Type.Optional(
    Type.Boolean({ description: 'Any truthy value means HTML, also the string "false"' }),
  ),
};

export const MESSAGE_SCHEMA = Type.Object(MESSAGE);
export const MESSAGE_WITH_TOKEN_SCHEMA = Type.Object({
  token: Type.String({ description: 'The JWT of the address' }),
  ...MESSAGE,
});
export const MESSAGE_FROM_SCHEMA = Type.Object({ from_mail: Type.String(), ...MESSAGE });

export const NEW_ADDRESS_SCHEMA = Type.Object({
  name: Type.Optional(Type.String({ description: 'Absent: a random name' })),
  domain: Type.Optional(Type.String({ description: 'Absent: the first configured domain' })),
});
export const ADDED_ADDRESS_SCHEMA = Type.Object({
  name: Type.String(),
  domain: TEXT,
  enablePrefix: Type.Optional(Type.Boolean()),
});
export const LOGIN_SCHEMA = Type.Object({ email: Type.String(), password: Type.String() });
export const BALANCE_SCHEMA = Type.Object({
  address: Type.String(),
  address_id: Type.Integer({ description: 'The id of the balance' }),
  balance: Type.Integer({ minimum: 0 }),
  enabled: Type.Boolean(),
});
export const POLICY_SCHEMA = Type.Object({
  sendBlockList: Type.Optional(
    Type.Array(Type.String(), { description: 'A recipient that contains one of these texts is refused' }),
  ),
  sendMailLimitConfig: Type.Optional(
    Type.Object({
      dailyEnabled: Type.Boolean(),
      monthlyEnabled: Type.Boolean(),
      dailyLimit: Type.Optional(Type.Integer({ minimum: -1, description: '-1: no limit, 0: nothing' })),
      monthlyLimit: Type.Optional(Type.Integer({ minimum: -1 })),
    }),
  ),
});
