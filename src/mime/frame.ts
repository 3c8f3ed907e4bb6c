/** What a composed message needs beside its content; given, so that composing has no clock and no randomness. */
export interface Frame {
  /** Epoch ms, for the Date field. */
  readonly date: number;
  /** The Message-ID field, with angle brackets; ASCII. */
  readonly messageId: string;
  /** 8 to 40 letters and digits, random: the heart of every boundary. */
  readonly boundaryToken: string;
  /** `auto` (when absent): what is shortest. `quoted-printable`: text and html parts always so. */
  readonly textEncoding?: 'auto' | 'quoted-printable';
  /** Text beyond ASCII may go out as it is where its lines allow; absent: the body is 7-bit throughout. */
  readonly eightBit?: boolean;
}
