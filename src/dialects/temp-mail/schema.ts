import { Type } from 'typebox';

const TEXT = Type.Optional(Type.String());

/** The bodies of this API, for its description only: fields.ts reads them. */
const LETTER = {
  from_name: TEXT,
  to_name: TEXT,
  to_mail: Type.String({ description: 'One address' }),
  subject: Type.String(),
  content: Type.String(),
  is_html: Type.Optional(Type.Boolean({ description: 'Anything true makes it HTML, the text "false" too' })),
};

export const LETTER_SCHEMA = Type.Object(LETTER);
export const LETTER_WITH_TOKEN_SCHEMA = Type.Object({
  token: Type.String({ description: 'The JWT of the address' }),
  ...LETTER,
});
export const LETTER_FROM_SCHEMA = Type.Object({ from_mail: Type.String(), ...LETTER });

export const NEW_ADDRESS_SCHEMA = Type.Object({
  name: Type.Optional(Type.String({ description: 'Absent: a random one' })),
  domain: Type.Optional(Type.String({ description: 'Absent: one of the configured ones' })),
});
export const ADDED_ADDRESS_SCHEMA = Type.Object({
  name: Type.String(),
  domain: TEXT,
  enablePrefix: Type.Optional(Type.Boolean()),
});
export const LOGIN_SCHEMA = Type.Object({ email: Type.String(), password: Type.String() });
export const BALANCE_SCHEMA = Type.Object({
  address: Type.String(),
  address_id: Type.Integer({ description: 'The id of the row' }),
  balance: Type.Integer({ minimum: 0 }),
  enabled: Type.Boolean(),
});
export const POLICY_SCHEMA = Type.Object({
  sendBlockList: Type.Optional(
    Type.Array(Type.String(), { description: 'Recipients that contain one of these are refused' }),
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
