import { randomBytes, randomUUID } from 'node:crypto';

const TOKEN_LENGTH = 20;

/** The clock and the random source of the gate. All other code receives them as parameters. */
export const now = Date.now;
export const random = (size: number) => randomBytes(size);
/** 76 random bits as 20 hexadecimal digits: a Message-ID with them fits on one line. `randomUUID` caches its random bytes. */
export const newToken = () => randomUUID().replaceAll('-', '').slice(0, TOKEN_LENGTH);
