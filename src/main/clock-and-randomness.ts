import { randomBytes, randomUUID } from 'node:crypto';

const TOKEN_LENGTH = 20;

/** The clock and the dice of the whole gate; everything else is given them. */
export const now = Date.now;
export const random = (size: number) => randomBytes(size);
/** 76 random bits as letters and digits, short enough for a Message-ID on one line; Node draws them in advance. */
export const newName = () => randomUUID().replaceAll('-', '').slice(0, TOKEN_LENGTH);
