/** The values that a message needs besides its content. They are parameters: composing uses no clock and no random numbers. */
export interface Frame {
  /** Epoch ms, for the Date field. */
  readonly date: number;
  /** The Message-ID field with angle brackets; ASCII. */
  readonly messageId: string;
  /** 8 to 40 random letters and digits. All boundaries contain it. */
  readonly boundaryToken: string;
  /** `auto` (also when absent): the shortest encoding. `quoted-printable`: always for text and html parts. */
  readonly textEncoding?: 'auto' | 'quoted-printable';
  /** True: non-ASCII text may be sent as 8-bit if its lines allow it. Absent: the body is 7-bit. */
  readonly eightBit?: boolean;
}
